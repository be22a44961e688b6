"""What Serverless keeps and the rules it keeps it by."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any, TypeVar

from rehearsal.twilio.errors import NotFoundError
from rehearsal.twilio.records import Record, Table
from rehearsal.twilio.serverless import errors
from rehearsal.twilio.serverless.javascript import syntax_fault
from rehearsal.twilio.serverless.records import (
    BUILDING,
    COMPLETED,
    FAILED,
    Build,
    Deployment,
    Environment,
    Function,
    Log,
    Service,
    Variable,
    Version,
)
from rehearsal.twilio.serverless.snapshot import things_of
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing

# node18 and older are refused since 2025-11-10 (Twilio's changelog of 2025-05-29).
SUPPORTED_RUNTIMES = ("node20", "node22", "node24")
RETIRED_RUNTIMES = ("node8", "node10", "node12", "node14", "node16", "node18")
DEFAULT_RUNTIME = "node22"
_LONGEST_LOG = 1024

V = TypeVar("V", bound=Record)


class ServerlessState:
    """All services of one account.

    A build takes at least `build_seconds`; with 0 it has ended when its creation is answered (still as `building`), so
    that the number of polls does not hang on the machine's speed.
    """

    def __init__(self, account_sid: str, build_seconds: float) -> None:
        self.account_sid, self.build_seconds = account_sid, build_seconds
        self.services: Table[Service] = Table()

    def service(self, sid_or_name: str) -> Service:
        """Services, and nothing else here, are also found by their unique name. Raises NotFoundError."""
        for each in self.services:
            if each.unique_name == sid_or_name:
                return each
        return self.services.get(sid_or_name)

    def create_service(
        self, unique_name: str, friendly_name: str, include_credentials: bool, ui_editable: bool
    ) -> Service:
        if any(each.unique_name == unique_name for each in self.services):
            raise errors.taken("UniqueName", unique_name)
        service = Service(
            sid=new_sid("ZS"),
            unique_name=unique_name,
            friendly_name=friendly_name,
            include_credentials=include_credentials,
            ui_editable=ui_editable,
            domain_base=f"{unique_name}-{secrets.randbelow(9000) + 1000}",
        )
        return self.services.add(service)

    def create_environment(self, service: Service, unique_name: str, domain_suffix: str | None) -> Environment:
        for each in service.environments:
            if each.unique_name == unique_name:
                raise errors.taken("UniqueName", unique_name)
            if each.domain_suffix == domain_suffix:
                raise errors.taken("DomainSuffix", domain_suffix or "")
        domain = service.domain_base + (f"-{domain_suffix}" if domain_suffix else "")
        environment = Environment(
            sid=new_sid("ZE"), unique_name=unique_name, domain_suffix=domain_suffix, domain_name=f"{domain}.twil.io"
        )
        return service.environments.add(environment)

    def create_function(self, service: Service, friendly_name: str) -> Function:
        return service.functions.add(Function(sid=new_sid("ZH"), friendly_name=friendly_name))

    def delete_function(self, service: Service, sid: str) -> None:
        function = service.functions.get(sid)
        for build in service.builds:
            if any(version.function_sid == function.sid for version in build.versions):
                raise errors.function_in_build(sid, build.sid)
        for version in list(service.versions):
            if version.function_sid == sid:
                service.versions.remove(version.sid)
        service.functions.remove(sid)

    def upload(self, service: Service, function_sid: str, path: str, visibility: str, content: str) -> Version:
        function = service.functions.get(function_sid)
        version = Version(
            sid=new_sid("ZN"),
            function_sid=function.sid,
            path=path if path.startswith("/") else f"/{path}",
            visibility=visibility,
            content=content,
        )
        return service.versions.add(version)

    def versions_of(self, service: Service, function_sid: str) -> list[Version]:
        """Newest first. Raises NotFoundError for an unknown function."""
        service.functions.get(function_sid)
        return [each for each in service.versions.newest_first() if each.function_sid == function_sid]

    def version(self, service: Service, function_sid: str, sid: str) -> Version:
        version = service.versions.get(sid)
        if version.function_sid != function_sid:
            raise NotFoundError
        return version

    def create_build(
        self,
        service: Service,
        version_sids: list[str],
        dependencies: list[dict[str, Any]],
        runtime: str | None,
        asset_version_sids: list[str],
    ) -> Build:
        """A build that is `building`; `run_build` brings it to its end."""
        if runtime in RETIRED_RUNTIMES:
            raise errors.unsupported_runtime(runtime)
        if not version_sids and not asset_version_sids:
            raise errors.empty_build()
        versions = _named("FunctionVersions", version_sids, service.versions)
        asset_versions = _named("AssetVersions", asset_version_sids, service.asset_versions)
        paths = [each.path for each in (*versions, *asset_versions)]
        for path in paths:
            if paths.count(path) > 1:
                raise errors.same_path(path)
        last = service.builds.newest_first()[:1]
        build = Build(
            sid=new_sid("ZB"),
            versions=versions,
            asset_versions=asset_versions,
            dependencies=dependencies,
            runtime=runtime or (last[0].runtime if last else DEFAULT_RUNTIME),
        )
        return service.builds.add(build)

    async def run_build(self, build: Build) -> None:
        """Ends `build` as completed, or as failed when a version does not parse."""
        duration = asyncio.create_task(asyncio.sleep(self.build_seconds))
        try:
            faults = [(each.path, await asyncio.to_thread(syntax_fault, each.content)) for each in build.versions]
        except (OSError, subprocess.TimeoutExpired) as error:
            faults = [("node", type(error).__name__)]
        await duration
        build.fault = "; ".join(f"{path}: {fault}" for path, fault in faults if fault)
        build.status = FAILED if build.fault else COMPLETED
        build.touch()

    def delete_build(self, service: Service, sid: str) -> None:
        build = service.builds.get(sid)
        for environment in service.environments:
            if environment.build_sid == build.sid:
                raise errors.build_deployed(sid, environment.unique_name)
        service.builds.remove(sid)

    def deploy(
        self, service: Service, environment: Environment, build_sid: str | None, is_plugin: bool = False
    ) -> Deployment:
        """Puts a build into the environment; None empties it."""
        if build_sid is not None:
            if build_sid not in service.builds:
                raise errors.unknown_build(build_sid)
            build = service.builds.get(build_sid)
            if build.status in (BUILDING, FAILED):
                raise errors.unfinished_build(build_sid, build.status)
        if environment.build_sid == build_sid:
            raise errors.already_deployed()
        environment.build_sid = build_sid
        environment.touch()
        return environment.deployments.add(Deployment(sid=new_sid("ZD"), build_sid=build_sid, is_plugin=is_plugin))

    def set_variable(self, environment: Environment, key: str, value: str) -> Variable:
        if any(each.key == key for each in environment.variables):
            raise errors.taken("Key", key)
        return environment.variables.add(Variable(sid=new_sid("ZV"), key=key, value=value))

    def update_variable(self, environment: Environment, sid: str, key: str | None, value: str | None) -> Variable:
        variable = environment.variables.get(sid)
        if key is not None and any(each.key == key and each.sid != sid for each in environment.variables):
            raise errors.taken("Key", key)
        variable.key = variable.key if key is None else key
        variable.value = variable.value if value is None else value
        variable.touch()
        return variable

    def log(self, environment: Environment, function_sid: str, request_sid: str, lines: list[tuple[str, str]]) -> None:
        """What one run of a function wrote: (level, message) each."""
        if environment.build_sid is None:
            return
        deployed = environment.deployments.newest_first()[:1]
        for level, message in lines:
            environment.logs.add(
                Log(
                    sid=new_sid("NO"),
                    build_sid=environment.build_sid,
                    deployment_sid=deployed[0].sid if deployed else None,
                    function_sid=function_sid,
                    request_sid=request_sid,
                    level=level,
                    message=message[:_LONGEST_LOG],
                )
            )

    def things(self) -> Iterator[Thing]:
        for service in self.services:
            yield from things_of(service)


def _named(parameter: str, sids: list[str], versions: Table[V]) -> list[V]:
    """Each version once. Raises TwilioError naming the parameter and the SID that is not there."""
    for sid in sids:
        if sid not in versions:
            raise errors.unknown_version(parameter, sid)
    return [versions.get(sid) for sid in dict.fromkeys(sids)]
