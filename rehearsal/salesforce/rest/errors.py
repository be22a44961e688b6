"""Errors of records and queries, in Salesforce's words."""

from __future__ import annotations

from rehearsal.salesforce.serving import ApiError

_CUSTOM = (
    "If you are attempting to use a {0}, be sure to append the '__c' after the {1}. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


def no_such_object(name: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"The requested resource does not exist: {name}")


def no_such_record(record_id: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {record_id}")


def malformed_id(record_id: str) -> ApiError:
    return ApiError(400, "MALFORMED_ID", f"malformed id {record_id}", ["Id"])


def no_such_field(field: str, sobject: str) -> ApiError:
    return ApiError(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject}")


def not_writeable(field: str) -> ApiError:
    text = f"Unable to create/update fields: {field}. Please check the security settings of this field and verify that it is read/write."
    return ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, [field])


def required(fields: list[str]) -> ApiError:
    return ApiError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields)


def duplicate(field: str, other_id: str) -> ApiError:
    text = f"duplicate value found: {field} duplicates value on record with id: {other_id[:15]}"
    return ApiError(400, "DUPLICATE_VALUE", text, [field])


def duplicate_username() -> ApiError:
    text = "Duplicate Username. The username already exists in this or another Salesforce organization."
    return ApiError(400, "DUPLICATE_USERNAME", text, ["Username"])


def wrong_type(field: str, type_name: str) -> ApiError:
    return ApiError(400, "JSON_PARSER_ERROR", f"Cannot deserialize the value of {field}: it is not of type {type_name}")


def too_long(field: str, length: int) -> ApiError:
    return ApiError(400, "STRING_TOO_LONG", f"{field}: data value too large (max length={length})", [field])


def not_in_picklist(field: str, value: str) -> ApiError:
    return ApiError(
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field}: bad value for restricted picklist field: {value}",
        [field],
    )


def bad_reference(field: str) -> ApiError:
    return ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field])


def not_allowed(sobject: str, what: str) -> ApiError:
    return ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method not allowed: {sobject} cannot be {what}")


def invalid_value(field: str, message: str) -> ApiError:
    return ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, [field])


def malformed_query(message: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", message)


def unknown_column(query: str, column: str, sobject: str) -> ApiError:
    place = query.find(column) + 1
    text = (
        f"\n{query}\n{'^'.rjust(max(place, 1))}\nERROR at Row:1:Column:{place}\nNo such column '{column}' on entity '{sobject}'. "
        f"{_CUSTOM.format('custom field', 'custom field name')}"
    )
    return ApiError(400, "INVALID_FIELD", text)


def unknown_object(name: str) -> ApiError:
    return ApiError(
        400, "INVALID_TYPE", f"sObject type '{name}' is not supported. {_CUSTOM.format('custom object', 'entity name')}"
    )
