"""Refusals of the Tooling API."""

from __future__ import annotations

from rehearsal.salesforce.serving import ApiError


def bad_version_id(value: object) -> ApiError:
    text = f"SubscriberPackageVersionKey: id value of incorrect type or malformed: {value}"
    return ApiError(400, "MALFORMED_ID", text, ["SubscriberPackageVersionKey"])


def bad_choice(field: str, value: object) -> ApiError:
    return ApiError(
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field}: bad value for restricted picklist field: {value}",
        [field],
    )
