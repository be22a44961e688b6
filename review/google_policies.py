"""Four rules that no plan for Google Cloud may break, and three that follow from the same reasons.

Each finding names the resource, what is wrong and what to do instead; a value that was refused for being secret is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from review.planned import UNKNOWN, Planned, texts

PUBLIC = frozenset({"allUsers", "allAuthenticatedUsers"})
# The one service that must be open: browsers and Twilio call it, with its own tokens.
PUBLIC_SERVICE = "ui-connector"
_AUTHORITATIVE = re.compile(r"i?am(binding|policy|auditconfig)\Z", re.IGNORECASE)
_BASIC_ROLES = frozenset({"roles/owner", "roles/editor", "roles/viewer"})
_SERVICE, _JOB = "gcp:cloudrunv2/service:Service", "gcp:cloudrunv2/job:Job"
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
# Names of variables that hold a secret; a path of a file, an option or a public key is none.
_SECRET_NAME = re.compile(r"(?:\A|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH_?STRING)(?:_|\Z)")
_NO_SECRET_NAME = re.compile(r"(_PATH|_FILE|_NAME|_URL|_OPTION|_ID)\Z")
# Forms that only secrets have: private keys, Google's and Salesforce's access tokens, signed tokens, Twilio's key secrets beside SIDs.
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|ya29\.[\w.-]{20,}|\b00D\w{12,15}![\w.-]{20,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{20,}|"
    r"\bAIza[\w-]{35}\b|://[^/@\s:]+:[^/@\s]+@"
)


@dataclass(frozen=True)
class Finding:
    """rule: its name in RULES; resource: `type name`; path: of the property, dotted."""

    rule: str
    resource: str
    path: str
    told: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.resource}{f' {self.path}' if self.path else ''}: {self.told}"


def findings(plan: Iterable[Planned]) -> list[Finding]:
    """Everything that breaks a rule, in the order of the plan."""
    return [
        Finding(rule, f"{each.type} {each.name}", path, told)
        for each in plan
        if each.type.startswith("gcp:")
        for rule, judge in RULES.items()
        for path, told in judge(each)
    ]


def _authoritative(each: Planned) -> Iterator[tuple[str, str]]:
    if _AUTHORITATIVE.search(each.type.rpartition(":")[2]):
        yield "", "takes the role, or the whole policy, away from everybody whom it does not name. Fix: an IAMMember for each member"


def _public(each: Planned) -> Iterator[tuple[str, str]]:
    if each.inputs.get("invokerIamDisabled") and not _is_public_service(each.inputs.get("name")):
        yield "invokerIamDisabled", "lets everybody call the service. Fix: leave it out"
    members = [("member", each.inputs.get("member"))]
    members += [(f"members.{at}", one) for at, one in enumerate(each.inputs.get("members") or [])]
    for path, member in members:
        if member not in PUBLIC:
            continue
        open_door = each.type == "gcp:cloudrunv2/serviceIamMember:ServiceIamMember" and each.inputs.get("role") == "roles/run.invoker"
        if not (open_door and member == "allUsers" and _is_public_service(each.inputs.get("name"))):
            allowed = f"may be the invoker of the connector ({PUBLIC_SERVICE}) and nothing else"
            yield path, f"{member} {allowed}. Fix: name the account that calls"


def _is_public_service(name: Any) -> bool:
    """With or without an environment's prefix, by name or by full name."""
    last = str(name or "").rpartition("/")[2]
    return last == PUBLIC_SERVICE or last.endswith(f"-{PUBLIC_SERVICE}")


def _plain_secrets(each: Planned) -> Iterator[tuple[str, str]]:
    for path, variable in _variables(each):
        name, value = str(variable.get("name", "")), variable.get("value")
        if value in (None, ""):
            continue
        secret_name = _SECRET_NAME.search(name.upper()) and not _NO_SECRET_NAME.search(name.upper())
        marked = any(secret == f"{path}.value" or f"{path}.value".startswith(f"{secret}.") for secret in each.secrets)
        if secret_name or marked or (isinstance(value, str) and _SECRET_VALUE.search(value)):
            remedy = "Fix: valueSource.secretKeyRef or a mounted secret"
            yield path, f"{name} is a secret that everybody reads who may look at the service. {remedy}"


def _variables(each: Planned) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, container in _containers(each):
        for at, variable in enumerate(container.get("envs") or []):
            yield f"{place}.envs.{at}", variable


def _containers(each: Planned) -> Iterator[tuple[str, dict[str, Any]]]:
    if each.type not in (_SERVICE, _JOB):
        return
    template = each.inputs.get("template") or {}
    inner, path = (template, "template") if each.type == _SERVICE else (template.get("template") or {}, "template.template")
    for kind in ("containers", "initContainers"):
        for at, container in enumerate(inner.get(kind) or []):
            yield f"{path}.{kind}.{at}", container


def _unpinned(each: Planned) -> Iterator[tuple[str, str]]:
    for place, container in _containers(each):
        image = container.get("image")
        # An image that is built in the same run is known by its digest only afterwards.
        if image != UNKNOWN and not _DIGEST.search(str(image or "")):
            yield f"{place}.image", f"{image} may be another image tomorrow. Fix: name it by digest (…@sha256:…)"


def _basic_roles(each: Planned) -> Iterator[tuple[str, str]]:
    if each.inputs.get("role") in _BASIC_ROLES:
        yield "role", f"{each.inputs['role']} holds thousands of permissions. Fix: the predefined role for what is done"


def _account_keys(each: Planned) -> Iterator[tuple[str, str]]:
    if each.type == "gcp:serviceaccount/key:Key":
        yield "", "a key of a service account is a password that never ends, in the state. Fix: run as the account, or impersonate it"


def _loose_texts(each: Planned) -> Iterator[tuple[str, str]]:
    for path, text in texts(each.inputs):
        if ".envs." not in path and path not in each.secrets and _SECRET_VALUE.search(text):
            yield path, "has the form of a secret and is not marked as one: it stands in the state in plain text. Fix: pulumi.Output.secret"


RULES: dict[str, Callable[[Planned], Iterator[tuple[str, str]]]] = {
    "authoritative-iam": _authoritative,
    "public-access": _public,
    "plain-secret": _plain_secrets,
    "unpinned-image": _unpinned,
    "basic-role": _basic_roles,
    "service-account-key": _account_keys,
    "secret-in-plain-text": _loose_texts,
}
