"""The paths of API 2010-04-01."""

from __future__ import annotations

from starlette.routing import Route

from rehearsal.twilio.api.responses import VERSION, ApiResponses
from rehearsal.twilio.api.state import ApiState
from rehearsal.twilio.credentials import Credentials

_ACCOUNT = f"/{VERSION}/Accounts/{{account}}"


def routes(state: ApiState, credentials: Credentials) -> list[Route]:
    to = ApiResponses(state, credentials)
    return [
        Route(_ACCOUNT + ".json", to.fetch_account, methods=["GET"]),
        Route(_ACCOUNT + "/IncomingPhoneNumbers.json", to.list_numbers, methods=["GET"]),
        Route(_ACCOUNT + "/IncomingPhoneNumbers/{sid}.json", to.fetch_number, methods=["GET"]),
        Route(_ACCOUNT + "/IncomingPhoneNumbers/{sid}.json", to.update_number, methods=["POST"]),
        Route(_ACCOUNT + "/IncomingPhoneNumbers/{sid}.json", to.delete_number, methods=["DELETE"]),
    ]
