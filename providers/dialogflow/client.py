"""Dialogflow's REST interface (v2beta1), for what pulumi-gcp lacks: telephony numbers, and some fields of a profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from providers.google.credentials import AccessToken
from providers.google.rest import Api, Refused, Rest
from providers.handler import Settings

__all__ = ["VENDOR", "DialogflowClient", "Refused"]

VENDOR = "Dialogflow"
_API = Api(VENDOR, "dialogflow.googleapis.com", "roles/dialogflow.admin")


class DialogflowClient:
    """Thread-safe. `endpoint`, `token` and `pause` as of providers.google.rest.Rest."""

    def __init__(
        self,
        endpoint: str | None = None,
        token: Callable[[], str] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rest = Rest(_API, endpoint, token, pause)

    @classmethod
    def by(cls, settings: Settings) -> DialogflowClient:
        """With the credentials that pulumi-gcp uses in the same stack."""
        return cls(settings.get("dialogflowEndpoint"), AccessToken(VENDOR, settings))

    def phone_numbers(self, project: str, location: str) -> Iterator[dict[str, Any]]:
        """Every telephony number of the project: name, phoneNumber (E.164), conversationProfile, lifecycleState."""
        yield from self._listed(project, location, "phoneNumbers")

    def conversation_profiles(self, project: str, location: str) -> Iterator[dict[str, Any]]:
        """Every conversation profile of the location: name, displayName and more."""
        yield from self._listed(project, location, "conversationProfiles")

    def conversation_profile(self, name: str) -> dict[str, Any] | None:
        """The profile of that full name, or None."""
        try:
            return self._rest.call("GET", _host(_location(name)), f"v2beta1/{name}")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def change_profile(self, name: str, fields: Mapping[str, Any]) -> None:
        """Replace these top-level fields of the profile, each as a whole."""
        mask = {"updateMask": ",".join(sorted(fields))}
        self._rest.call("PATCH", _host(_location(name)), f"v2beta1/{name}", mask, fields)

    def bind(self, location: str, name: str, profile: str) -> None:
        """Let calls to the number `name` (its resource name) use `profile`; an empty one unbinds it."""
        mask, body = {"updateMask": "conversationProfile"}, {"conversationProfile": profile}
        self._rest.call("PATCH", _host(location), f"v2beta1/{name}", mask, body)

    def _listed(self, project: str, location: str, collection: str) -> Iterator[dict[str, Any]]:
        page: dict[str, str] = {}
        path = f"v2beta1/projects/{project}/locations/{location}/{collection}"
        while True:
            answer = self._rest.call("GET", _host(location), path, page)
            yield from answer.get(collection, [])
            if not answer.get("nextPageToken"):
                return
            page = {"pageToken": answer["nextPageToken"]}


def _host(location: str) -> str:
    return "dialogflow" if location == "global" else f"{location}-dialogflow"


def _location(name: str) -> str:
    """Of a full resource name; one without a location means `global`."""
    parts = name.split("/")
    return parts[3] if parts[2:3] == ["locations"] else "global"
