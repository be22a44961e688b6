"""The JSON of each thing. Source: twilio_serverless_v1.json of Twilio's OpenAPI files."""

from __future__ import annotations

from typing import Any

from rehearsal.twilio.records import Record, iso
from rehearsal.twilio.serverless.records import (
    Asset,
    AssetVersion,
    Build,
    Deployment,
    Environment,
    Function,
    Log,
    Service,
    Variable,
    Version,
)

BASE = "https://serverless.twilio.com"


class Shapes:
    def __init__(self, account_sid: str) -> None:
        self._account_sid = account_sid

    def service(self, service: Service) -> dict[str, Any]:
        url = _url(service)
        nested = ("environments", "functions", "assets", "builds")
        return self._own(service, None, url) | {
            "unique_name": service.unique_name,
            "friendly_name": service.friendly_name,
            "include_credentials": service.include_credentials,
            "ui_editable": service.ui_editable,
            "domain_base": service.domain_base,
            "links": {name: f"{url}/{name.capitalize()}" for name in nested},
        }

    def environment(self, service: Service, environment: Environment) -> dict[str, Any]:
        url = f"{_url(service)}/Environments/{environment.sid}"
        return self._own(environment, service, url) | {
            "build_sid": environment.build_sid,
            "unique_name": environment.unique_name,
            "domain_suffix": environment.domain_suffix,
            "domain_name": environment.domain_name,
            "links": {name: f"{url}/{name.capitalize()}" for name in ("variables", "deployments", "logs")},
        }

    def function(self, service: Service, function: Function) -> dict[str, Any]:
        url = f"{_url(service)}/Functions/{function.sid}"
        return self._own(function, service, url) | {
            "friendly_name": function.friendly_name,
            "links": {"function_versions": f"{url}/Versions"},
        }

    def version(self, service: Service, version: Version) -> dict[str, Any]:
        url = f"{_url(service)}/Functions/{version.function_sid}/Versions/{version.sid}"
        shape = self._own(version, service, url) | {
            "function_sid": version.function_sid,
            "path": version.path,
            "visibility": version.visibility,
            "links": {"function_version_content": f"{url}/Content"},
        }
        del shape["date_updated"]
        return shape

    def content(self, service: Service, version: Version) -> dict[str, Any]:
        return {
            "sid": version.sid,
            "account_sid": self._account_sid,
            "service_sid": service.sid,
            "function_sid": version.function_sid,
            "content": version.content,
            "url": f"{_url(service)}/Functions/{version.function_sid}/Versions/{version.sid}/Content",
        }

    def asset(self, service: Service, asset: Asset) -> dict[str, Any]:
        url = f"{_url(service)}/Assets/{asset.sid}"
        return self._own(asset, service, url) | {
            "friendly_name": asset.friendly_name,
            "links": {"asset_versions": f"{url}/Versions"},
        }

    def asset_version(self, service: Service, version: AssetVersion) -> dict[str, Any]:
        url = f"{_url(service)}/Assets/{version.asset_sid}/Versions/{version.sid}"
        shape = self._own(version, service, url) | {
            "asset_sid": version.asset_sid,
            "path": version.path,
            "visibility": version.visibility,
        }
        del shape["date_updated"]
        return shape

    def log(self, service: Service, environment: Environment, log: Log) -> dict[str, Any]:
        url = f"{_url(service)}/Environments/{environment.sid}/Logs/{log.sid}"
        shape = self._own(log, service, url) | {
            "environment_sid": environment.sid,
            "build_sid": log.build_sid,
            "deployment_sid": log.deployment_sid,
            "function_sid": log.function_sid,
            "request_sid": log.request_sid,
            "level": log.level,
            "message": log.message,
        }
        del shape["date_updated"]
        return shape

    def build(self, service: Service, build: Build) -> dict[str, Any]:
        url = f"{_url(service)}/Builds/{build.sid}"
        return self._own(build, service, url) | {
            "asset_versions": [self._built(service, each) for each in build.asset_versions],
            "function_versions": [self._built(service, each) for each in build.versions],
            "dependencies": build.dependencies,
            "runtime": build.runtime,
            "status": build.status,
            "links": {"build_status": f"{url}/Status"},
        }

    def build_status(self, service: Service, build: Build) -> dict[str, Any]:
        return {
            "sid": build.sid,
            "account_sid": self._account_sid,
            "service_sid": service.sid,
            "status": build.status,
            "url": f"{_url(service)}/Builds/{build.sid}/Status",
        }

    def variable(self, service: Service, environment: Environment, variable: Variable) -> dict[str, Any]:
        url = f"{_url(service)}/Environments/{environment.sid}/Variables/{variable.sid}"
        return self._own(variable, service, url) | {
            "environment_sid": environment.sid,
            "key": variable.key,
            "value": variable.value,
        }

    def deployment(self, service: Service, environment: Environment, deployment: Deployment) -> dict[str, Any]:
        url = f"{_url(service)}/Environments/{environment.sid}/Deployments/{deployment.sid}"
        return self._own(deployment, service, url) | {
            "environment_sid": environment.sid,
            "build_sid": deployment.build_sid,
        }

    def _built(self, service: Service, version: Version | AssetVersion) -> dict[str, Any]:
        """A version inside a build: its visibility is in capitals there."""
        of_asset = isinstance(version, AssetVersion)
        return {
            "sid": version.sid,
            "account_sid": self._account_sid,
            "service_sid": service.sid,
            **({"asset_sid": version.asset_sid} if of_asset else {"function_sid": version.function_sid}),
            "date_created": iso(version.date_created),
            "path": version.path,
            "visibility": version.visibility.upper(),
        }

    def _own(self, record: Record, service: Service | None, url: str) -> dict[str, Any]:
        return {
            "sid": record.sid,
            "account_sid": self._account_sid,
            **({"service_sid": service.sid} if service else {}),
            "date_created": iso(record.date_created),
            "date_updated": iso(record.date_updated),
            "url": url,
        }


def _url(service: Service) -> str:
    return f"{BASE}/v1/Services/{service.sid}"
