"""What deployRequest itself refuses, before there is a deployment."""

from __future__ import annotations

from rehearsal.salesforce.serving import ApiError


def no_such_deployment(deploy_id: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"The requested resource does not exist: deployment {deploy_id}")


def bad_request(message: str) -> ApiError:
    return ApiError(400, "INVALID_INPUT", message)


def unknown_option(name: str) -> ApiError:
    return ApiError(400, "JSON_PARSER_ERROR", f'Unrecognized field "{name}" in deployOptions')


def already_completed(deploy_id: str) -> ApiError:
    return ApiError(400, "INVALID_ID_FIELD", f"Deployment already completed: {deploy_id}")


def not_validated(deploy_id: str) -> ApiError:
    text = f"{deploy_id} is not a recent validation that succeeded: validate with checkOnly first"
    return ApiError(400, "INVALID_ID_FIELD", text)
