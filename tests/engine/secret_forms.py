"""A secret in every form in which it could slip out, and where it did."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

# Shorter texts would be found by chance.
_SHORTEST = 12
_SECRET_MARK = "4dabf18193072939515e22adb298388d"
_SAMPLE_SECONDS = 0.05


class Secrets(dict[str, str]):
    """Values by name; a test that fails shows the names only."""

    def __repr__(self) -> str:
        return f"<secrets: {', '.join(self)}>"


def forms(secret: str) -> set[bytes]:
    """As it is, escaped for JSON and for URLs, and in base64: alone, or anywhere inside of something longer."""
    assert len(secret) >= _SHORTEST, "too short to be looked for"
    raw = secret.encode()
    texts = {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}
    return {each.encode() for each in texts} | {raw.hex().encode()} | _in_base64(raw)


def _in_base64(raw: bytes) -> set[bytes]:
    """What is left of `raw` in base64 whatever stands before and behind it: three alignments, both alphabets."""
    found = set()
    for shift in range(3):
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"x" * shift + raw).rstrip(b"=")
            # The characters at the edges hold bits of the neighbours.
            first = shift + 1 if shift else 0
            last = len(encoded) if (shift + len(raw)) % 3 == 0 else len(encoded) - 1
            found.add(encoded[first:last])
    return found


def found_in(content: bytes | str, secrets: Mapping[str, str]) -> list[str]:
    """The names of the secrets that stand in `content` in any form."""
    raw = content.encode() if isinstance(content, str) else content
    return [name for name, secret in secrets.items() if any(each in raw for each in forms(secret))]


def found_below(folder: Path, secrets: Mapping[str, str]) -> dict[str, list[str]]:
    """{file relative to `folder`: names of the secrets in it}."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and (names := found_in(path.read_bytes(), secrets)):
            found[str(path.relative_to(folder))] = names
    return found


def secrets_in_state(exported: str) -> dict[str, str]:
    """Every secret text of a state that was exported with --show-secrets, by the name of the property that holds it."""
    found: dict[str, str] = {}

    def walk(value: object, name: str) -> None:
        if isinstance(value, dict) and _SECRET_MARK in value:
            plain = json.loads(value["plaintext"])
            if isinstance(plain, str) and len(plain) >= _SHORTEST:
                found[name] = plain
        elif isinstance(value, dict):
            for key, each in value.items():
                walk(each, key)
        elif isinstance(value, list):
            for each in value:
                walk(each, name)

    walk(json.loads(exported), "")
    return found


class Arguments:
    """The command lines of every process of this machine, looked at again and again until the block ends."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Arguments:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self.seen |= set(_command_lines())

    def of(self, word: str) -> list[str]:
        """Those with `word` in them."""
        return [text for each in self.seen if word in (text := each.replace(b"\0", b" ").decode(errors="replace"))]


def _command_lines() -> Iterable[bytes]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it ended while we looked
