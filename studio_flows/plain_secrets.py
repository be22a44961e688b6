"""Secrets that stand in a flow in plain text: by shape, and by the name of what holds them.

Everybody who may look into Studio reads them, and so does every export and every state. SIDs are names, not secrets. What a
placeholder or Liquid puts in is not in the file. A finding never holds the value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from studio_flows.findings import Finding, Severity
from studio_flows.graph import Graph
from studio_flows.liquid_texts import texts

_REMEDY = "put a placeholder such as ${name} in its place, or do the call in a Function, which Twilio gives the account's credentials"
_LATER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{[^{}]*\}", re.DOTALL)

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a signed token (JWT)", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("a user name with its password", re.compile(r"\bBasic\s+[A-Za-z0-9+/]{16,}={0,2}")),
    ("an access token", re.compile(r"\bBearer\s+[\w.~+/-]{16,}")),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:([^\s/@\"']+)@")),
    ("an AWS key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}\b")),
    ("a Slack token", re.compile(r"\bxox[abeprs]-[\w-]{10,}")),
    ("a Stripe key", re.compile(r"\b[rs]k_(?:live|test)_\w{16,}")),
    ("a GitHub token", re.compile(r"\b(?:gh[oprsu]_\w{36}|github_pat_\w{40,})")),
    ("a SendGrid key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    ("a Salesforce session", re.compile(r"\b00D[A-Za-z0-9]{12,15}![\w.]{20,}")),
)
# Twilio's auth token is 32 hexadecimal digits; the secret of an API key 32 letters and digits, large and small.
_AUTH_TOKEN = re.compile(r"(?<![0-9A-Za-z_])[0-9a-f]{32}(?![0-9A-Za-z_])")
_KEY_SECRET = re.compile(r"(?<![0-9A-Za-z_+/=-])[0-9A-Za-z]{32}(?![0-9A-Za-z_+/=-])")
_TELLING = re.compile(r"(?:^|[_\W])(?:token|secret|password|passwd|pwd|authorization|credential|credentials|api_?key)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FIELD = re.compile(r"[\"']([\w .-]+)[\"']\s*:\s*[\"']([^\"']*)[\"']|(?:^|[?&\s])([\w.-]+)=([^&\s\"']+)")
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_DUMMY = re.compile(r"x+|\*+|[A-Z_]+|.*(?:your|example|placeholder|changeme|<).*", re.IGNORECASE)
_SHORTEST, _RANDOM = 8, 3.0


def findings(graph: Graph) -> Iterator[Finding]:
    """Every text of every widget that holds a secret, each once."""
    for widget in graph.widgets.values():
        for text in texts(widget):
            if what := secret_in(text.value, text.place):
                yield Finding(Severity.ERROR, widget.name, text.place, f"{text.place} holds {what} in plain text", _REMEDY)


def secret_in(text: str, place: str = "") -> str:
    """What kind of secret `text` holds, or "". place: the property or key that the text belongs to."""
    plain = _LATER.sub(" ", text)
    for what, shape in _SHAPES:
        match = shape.search(plain)
        if match and not (match.groups() and _dummy(match[1])):
            return what
    names = [(place.removesuffix(".value"), plain), *((m[1] or m[3] or "", m[2] or m[4] or "") for m in _FIELD.finditer(plain))]
    for name, value in names:
        if _telling(name) and _secret_value(value.strip(), name):
            return f"a secret ({name.rsplit('.', 1)[-1]})"
    for match in _AUTH_TOKEN.finditer(plain):
        if _entropy(match[0]) >= _RANDOM and not _names_a_file(plain, match):
            return "what looks like an auth token"
    for match in _KEY_SECRET.finditer(plain):
        if _mixed(match[0]) and _entropy(match[0]) >= _RANDOM and not _names_a_file(plain, match):
            return "what looks like the secret of an API key"
    return ""


def masked(text: str, place: str = "") -> str:
    """`text` for people to read: as it is, or "(secret)"."""
    return "(secret)" if secret_in(text, place) else text


def _telling(name: str) -> bool:
    """authToken, auth_token, x-api-key, SIP's sip_password; not tokenType, nor a text about passwords."""
    return _TELLING.search(_CAMEL.sub("_", name).lower().replace("-", "_").replace(" ", "_")) is not None


def _secret_value(value: str, name: str) -> bool:
    value = re.sub(r"^(?:Basic|Bearer|Token)\s+", "", value)
    if not value or any(each.isspace() for each in value) or _SID.fullmatch(value) or _dummy(value):
        return False
    # A password may be short and simple; a token that is, is another word.
    return "password" in name.lower() or (len(value) >= _SHORTEST and _entropy(value) >= _RANDOM and not value.isalpha())


def _dummy(value: str) -> bool:
    return _DUMMY.fullmatch(value) is not None


def _mixed(value: str) -> bool:
    return all(any(test(each) for each in value) for test in (str.isupper, str.islower, str.isdigit)) and not _SID.match(value)


def _names_a_file(text: str, match: re.Match[str]) -> bool:
    """Whether it is a part of an address's path, as in https://…/0123….mp3: made up to be unique, not to be secret."""
    before, after = text[: match.start()], text[match.end() :]
    return re.search(r"://[^\s\"'?]*/$", before) is not None and re.match(r"[./?#]|$|[\"'\s]", after) is not None


def _entropy(text: str) -> float:
    """Shannon's, in bits for each character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values()) if text else 0.0
