"""Which paths and methods of Dialogflow's REST API (v2, v2beta1) may be reached through the connector.

The path of a request is taken apart and put together again from its checked parts; no host and no segment is taken over
as it came. Methods: Dialogflow v2beta1 reference, projects.locations.*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from connector import names

# Longer than the documented IDs of some resources, without anything that could end a segment.
_ID = r"[A-Za-z0-9_-]{1,128}"

_RESOURCES: dict[str, frozenset[str]] = {
    r"conversations": frozenset({"POST"}),
    rf"conversations/{_ID}": frozenset({"GET"}),
    rf"conversations/{_ID}:(?:complete|ingestContextReferences)": frozenset({"POST"}),
    rf"conversations/{_ID}/messages": frozenset({"GET"}),
    rf"conversations/{_ID}/messages:batchCreate": frozenset({"POST"}),
    rf"conversations/{_ID}/participants": frozenset({"GET", "POST"}),
    rf"conversations/{_ID}/participants/{_ID}": frozenset({"GET", "PATCH"}),
    rf"conversations/{_ID}/participants/{_ID}:analyzeContent": frozenset({"POST"}),
    (
        rf"conversations/{_ID}/participants/{_ID}/suggestions:"
        r"(?:suggestArticles|suggestFaqAnswers|suggestSmartReplies|suggestKnowledgeAssist)"
    ): frozenset({"POST"}),
    rf"conversations/{_ID}/suggestions:(?:suggestConversationSummary|searchKnowledge|generate)": frozenset({"POST"}),
    r"suggestions:searchKnowledge": frozenset({"POST"}),
    r"statelessSuggestion:generate": frozenset({"POST"}),
    rf"answerRecords/{_ID}": frozenset({"PATCH"}),
    rf"(?:conversationProfiles|conversationModels|generators)/{_ID}": frozenset({"GET"}),
}
_KNOWN = tuple((re.compile(pattern), methods) for pattern, methods in _RESOURCES.items())

_PATH = re.compile(
    rf"/(?P<version>v2|v2beta1)/projects/(?P<project>{names.PROJECT})/locations/(?P<location>{names.LOCATION})/(?P<resource>.+)"
)
# System parameters that would change the method, the credentials or the form of the answer (Google APIs, "System parameters").
_FORBIDDEN_PARAMETERS = frozenset(
    {"access_token", "oauth_token", "key", "callback", "quotauser", "uploadtype", "upload_protocol", "alt"}
)


class NotOffered(Exception):
    """404: nothing that may be reached through the connector."""


class MethodNotOffered(Exception):
    """405; `allowed` is the value of the Allow header."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class ParameterNotOffered(Exception):
    """400: a query parameter that is never passed on."""


@dataclass(frozen=True, slots=True)
class Target:
    """`path` begins with a slash and is made of checked parts only; `body_needed` is False for `:complete`."""

    location: str
    path: str
    body_needed: bool


def target(method: str, raw_path: bytes, project: str) -> Target:
    """What a request is for. `raw_path` is the path as it came over the wire. Raises NotOffered or MethodNotOffered."""
    try:
        text = raw_path.decode("ascii")
    except UnicodeDecodeError:
        raise NotOffered from None
    # A colon is the one character that clients encode without need; anything else that is encoded is an attempt.
    found = _PATH.fullmatch(re.sub("%3a", ":", text, flags=re.IGNORECASE))
    if found is None or found["project"] != project:
        raise NotOffered
    version, location, resource = found["version"], found["location"], found["resource"]
    for pattern, methods in _KNOWN:
        if pattern.fullmatch(resource):
            if method not in methods:
                raise MethodNotOffered(", ".join(sorted(methods)))
            path = f"/{version}/projects/{project}/locations/{location}/{resource}"
            return Target(location, path, body_needed=method != "GET" and not resource.endswith(":complete"))
    raise NotOffered


def check_query(query: bytes) -> str:
    """The query as it came, unless one of its parameters is never passed on. Raises ParameterNotOffered."""
    text = query.decode("latin-1")
    for name, value in parse_qsl(text, keep_blank_values=True, separator="&"):
        plain = name.strip().lower()
        if plain.startswith("$") or (plain in _FORBIDDEN_PARAMETERS and (plain, value) != ("alt", "json")):
            raise ParameterNotOffered
    return text


def base_url(location: str) -> str:
    """Google's host for a location that `target` has checked."""
    return (
        "https://dialogflow.googleapis.com" if location == "global" else f"https://{location}-dialogflow.googleapis.com"
    )
