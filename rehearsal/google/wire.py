"""Property values as they travel between engine and provider: protobuf Structs with sentinels for secrets and unknowns.

The sentinels are the engine's (sdk/go/common/resource/plugin, sig keys). Numbers arrive as floats; whole ones become ints.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's marker for secrets, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class _Unknown:
    """The value of something that is not made yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


def plain(value: struct_pb2.Struct | struct_pb2.Value, secrets: set[str] | None = None) -> Any:
    """Python values; unknowns become UNKNOWN; secret ones are unwrapped, their texts added to `secrets`."""
    if isinstance(value, struct_pb2.Struct):
        return {name: plain(each, secrets) for name, each in value.fields.items()}
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _object(value.struct_value, secrets)
    if kind == "list_value":
        return [plain(each, secrets) for each in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _object(fields: struct_pb2.Struct, secrets: set[str] | None) -> Any:
    signature = fields.fields[_SIGNATURE].string_value if _SIGNATURE in fields.fields else None
    if signature == _SECRET:
        inner = plain(fields.fields["value"], secrets)
        if secrets is not None:
            secrets |= texts(inner)
        return inner
    if signature == _OUTPUT:
        return plain(fields.fields["value"], secrets) if "value" in fields.fields else UNKNOWN
    if signature == _RESOURCE:
        return plain(fields.fields["id"], secrets) if "id" in fields.fields else UNKNOWN
    return plain(fields, secrets)


def texts(value: Any) -> set[str]:
    """Every non-empty string within `value`."""
    if isinstance(value, dict):
        return set().union(*(texts(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(texts(each) for each in value))
    return {value} if isinstance(value, str) and value else set()


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    """`values` as a Struct; the inverse of `plain`, without marks."""
    made = struct_pb2.Struct()
    made.update(values)
    return made


def secret(value: Any) -> dict[str, Any]:
    """`value` marked as a secret, ready for `struct`."""
    return {_SIGNATURE: _SECRET, "value": value}


def marked(raw: struct_pb2.Struct, name: str) -> bool:
    """Whether the property `name` of `raw` holds a secret, at any depth."""
    found: set[str] = set()
    return name in raw.fields and (plain(raw.fields[name], found) is not None) and bool(found)


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return value is UNKNOWN


def without_own(values: dict[str, Any]) -> dict[str, Any]:
    """`values` without the engine's and the provider's own keys (`__defaults` and the like)."""
    return {name: each for name, each in values.items() if not name.startswith("__")}
