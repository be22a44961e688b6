"""`python -m tools.example_environment`: Pulumi.dev.yaml, every key commented, out of the settings models."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import get_origin

from pydantic.fields import FieldInfo

import settings

PROJECT = "agent-assist-voice"
FILE = Path(__file__).resolve().parent.parent / "Pulumi.dev.yaml"
_HEAD = """\
# An example environment: every key, commented. Copy it to Pulumi.<stack>.yaml, or set the keys with `pulumi config set`.
# Keys that are commented out have a default or are optional. Secrets are never typed here:
#   pulumi config set --secret KEY      asks for the value and stores it encrypted
# Written by `make golden` out of the settings models, which check every value (settings.py).
config:
"""


def render() -> str:
    """The whole file."""
    return _HEAD + "".join(_entry(name, field) for name, field in settings.fields_by_key().items())


def _entry(name: str, field: FieldInfo) -> str:
    words = textwrap.wrap(_comment(field), width=120)
    full = name if ":" in name else f"{PROJECT}:{name}"
    off = "" if field.is_required() and not settings.is_secret(field) else "# "
    lines = [f"  # {each}" for each in words] + [f"  {off}{line}" for line in _value(full, field)]
    return "\n".join(lines) + "\n"


def _comment(field: FieldInfo) -> str:
    text = field.description or ""
    if settings.is_secret(field):
        return f"{text} (secret)"
    if field.is_required():
        return f"{text} (required)"
    return text


def _value(name: str, field: FieldInfo) -> list[str]:
    if settings.is_secret(field):
        return [f"{name}: {{secure: …}}"]
    example = (field.examples or [""])[0]
    if get_origin(field.annotation) in (list, tuple):
        values = json.loads(example) if example.startswith("[") else [example]
        return [f"{name}:", *(f"  - {json.dumps(each)}" for each in values)]
    return [f"{name}: {json.dumps(str(example), ensure_ascii=False)}"]


if __name__ == "__main__":
    FILE.write_text(render())
