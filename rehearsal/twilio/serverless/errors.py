"""What Serverless refuses."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError, conflict, invalid


def unsupported_runtime(runtime: str) -> TwilioError:
    """Source: twilio.com/docs/api/errors/82007."""
    return TwilioError(400, 82007, f"Runtime {runtime} is not supported, use node22 or another supported runtime")


def empty_build() -> TwilioError:
    """Source: twilio/twilio-cli issue 215."""
    return TwilioError(400, 20001, "At least one Function Version or Asset Version is required for Build.")


def unknown_version(parameter: str, sid: str) -> TwilioError:
    return invalid(parameter, f"version {sid} does not exist in this service")


def same_path(path: str) -> TwilioError:
    return invalid("FunctionVersions and AssetVersions", f"more than one version has the path {path}")


def unknown_build(sid: str) -> TwilioError:
    return invalid("BuildSid", f"build {sid} does not exist in this service")


def unfinished_build(sid: str, status: str) -> TwilioError:
    return invalid("BuildSid", f"build {sid} is {status}, only a completed build can be deployed")


def already_deployed() -> TwilioError:
    """Source: twilio-labs/serverless-api issue 27 (409)."""
    return conflict("Environment already has requested deployment.")


def taken(kind: str, value: str) -> TwilioError:
    return conflict(f"{kind} '{value}' already exists")


def function_in_build(sid: str, build: str) -> TwilioError:
    """Source: twilio-labs/serverless-toolkit issue 148."""
    return conflict(f"Function {sid} cannot be deleted: a version of it is part of build {build}")


def asset_in_build(sid: str, build: str) -> TwilioError:
    return conflict(f"Asset {sid} cannot be deleted: a version of it is part of build {build}")


def build_deployed(sid: str, environment: str) -> TwilioError:
    return conflict(f"Build {sid} cannot be deleted: it is deployed in environment {environment}")
