"""Google's telephony, as Twilio's SIPREC connector reaches it: a recording session, what is said, the end."""

from __future__ import annotations

from typing import Any

import httpx

from rehearsal.caller.problem import CallProblem

_TIMEOUT_SECONDS = 15.0
_ACKNOWLEDGED = (102, 200, 201, 202, 204)
_PUSH = {
    0: "the push endpoint cannot be reached",
    401: "the push endpoint refuses the token (401): do its audience and the endpoint agree?",
    403: "the push endpoint refuses the push account (403): it lacks roles/run.invoker on the service",
    404: "the push endpoint answers 404: its path is not one of the interceptor's",
}


class GoogleTelephony:
    """`url` is the base URL of the Google stand-in. Every refusal is a CallProblem with Google's own words."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS)

    def close(self) -> None:
        self._http.close()

    def siprec(self, sip_uri: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Starts a recording session: {"conversation": full name, "conversation_profile": …, "published", "skipped"}."""
        return self._post("/telephony/siprec", {"sip_uri": sip_uri, "parameters": parameters})

    def say(self, conversation: str, role: str, text: str) -> dict[str, Any]:
        """`role` ("END_USER" | "HUMAN_AGENT") says `text`; answers {"published": [...], "skipped": [...]}."""
        return self._post("/telephony/utterances", {"conversation": conversation, "role": role, "text": text})

    def hang_up(self, conversation: str) -> dict[str, Any]:
        """The call ends; answers as `say` does."""
        return self._post("/telephony/hangup", {"conversation": conversation})

    def undelivered(self, message_ids: set[str]) -> list[str]:
        """Why the push subscriptions did not deliver these messages, one cause for each subscription."""
        try:
            tried = self._http.get("/_standin/deliveries").json()
        except httpx.HTTPError:
            return []
        last = {(each["subscription"], each["message_id"]): each["status"] for each in tried if each["message_id"] in message_ids}
        causes = {(name.rpartition("/")[2], status) for (name, _), status in last.items() if status not in _ACKNOWLEDGED}
        return [f"subscription {name}: {_PUSH.get(status, f'the push endpoint answers {status}')}" for name, status in sorted(causes)]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise CallProblem(f"Google's telephony did not answer {path}: {type(error).__name__}") from None
        if answer.status_code >= 400:
            raise CallProblem(f"Google's telephony refused ({answer.status_code}): {_words(answer)}")
        return answer.json()


def _words(answer: httpx.Response) -> str:
    try:
        error = answer.json().get("error")
    except ValueError:
        return answer.text[:200]
    return error.get("message", "") if isinstance(error, dict) else str(error)
