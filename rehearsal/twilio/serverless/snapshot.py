"""A service as snapshot things. Values of variables may be secret: only their digest is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from rehearsal.twilio.serverless.records import AssetVersion, Build, Environment, Service, Version
from rehearsal.twilio.snapshot import Thing


def things_of(service: Service) -> Iterator[Thing]:
    name = service.unique_name
    content = {
        "friendly_name": service.friendly_name,
        "include_credentials": service.include_credentials,
        "ui_editable": service.ui_editable,
    }
    yield Thing("service", name, service.sid, content)
    for function in service.functions:
        yield Thing("function", f"{name}/{function.friendly_name}", function.sid, {})
    for version in service.versions:
        told = {"path": version.path, "visibility": version.visibility, "sha256": version.sha256}
        yield Thing("function_version", f"{name}{version.path}", version.sid, told)
    for asset in service.assets:
        yield Thing("asset", f"{name}/{asset.friendly_name}", asset.sid, {})
    for each in service.asset_versions:
        told = {"path": each.path, "visibility": each.visibility, "sha256": each.sha256}
        yield Thing("asset_version", f"{name}{each.path}", each.sid, told)
    for number, build in enumerate(service.builds, 1):
        yield Thing("build", f"{name}/{number}", build.sid, {"status": build.status, "fault": build.fault})
    for environment in service.environments:
        yield from _environment(service, environment)


def _environment(service: Service, environment: Environment) -> Iterator[Thing]:
    name = f"{service.unique_name}/{environment.unique_name}"
    deployed = service.builds.get(environment.build_sid) if environment.build_sid else None
    content = {"domain_suffix": environment.domain_suffix, "deployed": _deployed(deployed)}
    yield Thing("environment", name, environment.sid, content, also=environment.domain_name)
    for variable in environment.variables:
        digest = hashlib.sha256(variable.value.encode()).hexdigest()
        yield Thing("variable", f"{name}/{variable.key}", variable.sid, {"value_sha256": digest})


def _deployed(build: Build | None) -> dict[str, Any] | None:
    if build is None:
        return None
    told = {"runtime": build.runtime, "dependencies": build.dependencies, "functions": _by_path(build.versions)}
    return told | ({"assets": _by_path(build.asset_versions)} if build.asset_versions else {})


def _by_path(versions: Sequence[Version | AssetVersion]) -> dict[str, Any]:
    return {each.path: {"visibility": each.visibility, "sha256": each.sha256} for each in versions}
