"""Refusals of the Connect REST API's OAuth resources."""

from __future__ import annotations

from rehearsal.salesforce.serving import ApiError


def gate_closed() -> ApiError:
    """The org does not give consumer secrets by API: ExternalClientAppSettings.enableClientSecretInRestApiAccess is off."""
    return ApiError(
        403,
        "FUNCTIONALITY_NOT_ENABLED",
        "This feature is not currently enabled for this user type or org: [ClientSecretInRestApi]",
    )


def may_not() -> ApiError:
    text = "You need the permissions External Client App Developer and View Client Secret"
    return ApiError(403, "INSUFFICIENT_ACCESS", text)


def staged_already() -> ApiError:
    """Salesforce keeps one staged pair per consumer; the text is the stand-in's own."""
    return ApiError(400, "INVALID_INPUT", "The consumer has staged credentials already: rotate or delete them first")


def bad_command(text: str) -> ApiError:
    return ApiError(400, "INVALID_INPUT", text)
