"""The vendors, as any implementation of the contract may ask them: also in ways that ours does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

from tests.connector import vendors
from tests.connector.vendors import Seen, Twilio

__all__ = ["Google", "Salesforce", "Twilio"]


@dataclass
class Salesforce(vendors.Salesforce):
    """userinfo also takes the access token as a query parameter, as the real one does."""

    async def answer(self, seen: Seen) -> Response:
        if given := parse_qs(seen.query).get("access_token"):
            seen.headers.setdefault("authorization", f"Bearer {given[0]}")
        return await super().answer(seen)


@dataclass
class Google(vendors.Google):
    """Also the token endpoint of service account keys. `plain`: paths whose answer is not compressed."""

    plain: set[str] = field(default_factory=set)

    async def answer(self, seen: Seen) -> Response:
        if seen.path == "/token":
            return JSONResponse({"access_token": self.access_token, "expires_in": 3600, "token_type": "Bearer"})
        if seen.path in self.plain:
            return JSONResponse({"name": "plain"})
        return await super().answer(seen)

    def dialogflow_calls(self) -> list[Seen]:
        return [each for each in super().dialogflow_calls() if each.path != "/token"]
