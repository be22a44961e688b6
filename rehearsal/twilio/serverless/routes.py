"""Serverless v1's paths, and those of its upload host."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.serverless.asset_responses import AssetResponses
from rehearsal.twilio.serverless.environment_responses import EnvironmentResponses
from rehearsal.twilio.serverless.log_responses import LogResponses
from rehearsal.twilio.serverless.responses import ServerlessResponses
from rehearsal.twilio.serverless.state import ServerlessState
from rehearsal.twilio.serverless.version_responses import VersionResponses

_SERVICE = "/v1/Services/{service}"
_ENVIRONMENT = _SERVICE + "/Environments/{environment}"
_VERSIONS = _SERVICE + "/Functions/{function}/Versions"
_ASSET = _SERVICE + "/Assets/{asset}"


def routes(state: ServerlessState) -> list[Route]:
    to, inside, versions = ServerlessResponses(state), EnvironmentResponses(state), VersionResponses(state)
    assets, logs = AssetResponses(state), LogResponses(state)
    return [
        Route("/v1/Services", to.create_service, methods=["POST"]),
        Route("/v1/Services", to.list_services, methods=["GET"]),
        Route(_SERVICE, to.fetch_service, methods=["GET"]),
        Route(_SERVICE, to.update_service, methods=["POST"]),
        Route(_SERVICE, to.delete_service, methods=["DELETE"]),
        # No update of an environment, no delete of a version or a deployment: Twilio has none.
        Route(_SERVICE + "/Environments", to.create_environment, methods=["POST"]),
        Route(_SERVICE + "/Environments", to.list_environments, methods=["GET"]),
        Route(_SERVICE + "/Environments/{sid}", to.fetch_environment, methods=["GET"]),
        Route(_SERVICE + "/Environments/{sid}", to.delete_environment, methods=["DELETE"]),
        Route(_SERVICE + "/Functions", to.create_function, methods=["POST"]),
        Route(_SERVICE + "/Functions", to.list_functions, methods=["GET"]),
        Route(_SERVICE + "/Functions/{sid}", to.fetch_function, methods=["GET"]),
        Route(_SERVICE + "/Functions/{sid}", to.update_function, methods=["POST"]),
        Route(_SERVICE + "/Functions/{sid}", to.delete_function, methods=["DELETE"]),
        Route(_VERSIONS, versions.list, methods=["GET"]),
        Route(_VERSIONS + "/{sid}", versions.fetch, methods=["GET"]),
        Route(_VERSIONS + "/{sid}/Content", versions.fetch_content, methods=["GET"]),
        Route(_SERVICE + "/Assets", assets.create, methods=["POST"]),
        Route(_SERVICE + "/Assets", assets.list, methods=["GET"]),
        Route(_ASSET, assets.fetch, methods=["GET"]),
        Route(_ASSET, assets.update, methods=["POST"]),
        Route(_ASSET, assets.delete, methods=["DELETE"]),
        Route(_ASSET + "/Versions", assets.list_versions, methods=["GET"]),
        Route(_ASSET + "/Versions/{sid}", assets.fetch_version, methods=["GET"]),
        Route(_SERVICE + "/Builds", to.create_build, methods=["POST"]),
        Route(_SERVICE + "/Builds", to.list_builds, methods=["GET"]),
        Route(_SERVICE + "/Builds/{sid}", to.fetch_build, methods=["GET"]),
        Route(_SERVICE + "/Builds/{sid}", to.delete_build, methods=["DELETE"]),
        Route(_SERVICE + "/Builds/{sid}/Status", to.fetch_build_status, methods=["GET"]),
        Route(_ENVIRONMENT + "/Variables", inside.create_variable, methods=["POST"]),
        Route(_ENVIRONMENT + "/Variables", inside.list_variables, methods=["GET"]),
        Route(_ENVIRONMENT + "/Variables/{sid}", inside.fetch_variable, methods=["GET"]),
        Route(_ENVIRONMENT + "/Variables/{sid}", inside.update_variable, methods=["POST"]),
        Route(_ENVIRONMENT + "/Variables/{sid}", inside.delete_variable, methods=["DELETE"]),
        Route(_ENVIRONMENT + "/Deployments", inside.create_deployment, methods=["POST"]),
        Route(_ENVIRONMENT + "/Deployments", inside.list_deployments, methods=["GET"]),
        Route(_ENVIRONMENT + "/Deployments/{sid}", inside.fetch_deployment, methods=["GET"]),
        Route(_ENVIRONMENT + "/Logs", logs.list, methods=["GET"]),
        Route(_ENVIRONMENT + "/Logs/{sid}", logs.fetch, methods=["GET"]),
    ]


def upload_routes(state: ServerlessState) -> list[Route]:
    return [
        Route(_VERSIONS, VersionResponses(state).upload, methods=["POST"]),
        Route(_ASSET + "/Versions", AssetResponses(state).upload, methods=["POST"]),
    ]
