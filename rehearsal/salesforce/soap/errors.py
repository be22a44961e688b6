"""SOAP faults and the errors of single components."""

from __future__ import annotations


class SoapFault(Exception):
    """code: without the prefix `sf:`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def invalid_session() -> SoapFault:
    return SoapFault(
        "INVALID_SESSION_ID",
        "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key",
    )


def insufficient_access() -> SoapFault:
    return SoapFault(
        "INSUFFICIENT_ACCESS",
        "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
    )


def no_operation(name: str) -> SoapFault:
    return SoapFault("INVALID_OPERATION", f"No operation available for request {name}")


def unsupported_version(version: str) -> SoapFault:
    return SoapFault("UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {version}")


def too_many(what: str, most: int) -> SoapFault:
    return SoapFault("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} {what} in one request")


def invalid_type(name: str) -> SoapFault:
    return SoapFault(
        "INVALID_TYPE", f"INVALID_TYPE: This type of metadata is not available for this organization: {name}"
    )


def malformed(message: str) -> SoapFault:
    return SoapFault("MALFORMED_QUERY", message)
