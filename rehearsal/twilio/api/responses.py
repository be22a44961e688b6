"""API 2010-04-01 over HTTP. Source: twilio_api_v2010.json of Twilio's OpenAPI files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.api.errors import invalid_method, invalid_url
from rehearsal.twilio.api.state import ApiState, PhoneNumber
from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.credentials import Credentials
from rehearsal.twilio.errors import NotFoundError, authenticate
from rehearsal.twilio.paging import filters_of, flat_page
from rehearsal.twilio.parameters import Choice, Flag, Text, read_form, refuse_query
from rehearsal.twilio.records import rfc2822
from rehearsal.twilio.sids import sid_pattern

VERSION = "2010-04-01"

_URLS = ("VoiceUrl", "VoiceFallbackUrl", "StatusCallback", "SmsUrl", "SmsFallbackUrl")
_METHODS = ("VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod", "SmsMethod", "SmsFallbackMethod")
_SIDS = {
    "SmsApplicationSid": "AP",
    "VoiceApplicationSid": "AP",
    "TrunkSid": "TK",
    "IdentitySid": "RI",
    "AddressSid": "AD",
    "BundleSid": "BU",
    "EmergencyAddressSid": "AD",
}
_UPDATE = {
    **{name: Text(empty_clears=True) for name in (*_URLS, *_METHODS)},
    **{name: Text(pattern=sid_pattern(prefix), empty_clears=True) for name, prefix in _SIDS.items()},
    "FriendlyName": Text(longest=64),
    "ApiVersion": Choice((VERSION, "2008-08-01")),
    "VoiceCallerIdLookup": Flag(),
    "VoiceReceiveMode": Choice(("voice", "fax")),
    "EmergencyStatus": Choice(("Active", "Inactive")),
}
_FILTERS = {"PhoneNumber": Text(), "FriendlyName": Text(), "Beta": Flag(), "Origin": Text()}
_SUBRESOURCES = {
    "addresses": "Addresses",
    "applications": "Applications",
    "available_phone_numbers": "AvailablePhoneNumbers",
    "calls": "Calls",
    "conferences": "Conferences",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "keys": "Keys",
    "messages": "Messages",
    "queues": "Queues",
    "recordings": "Recordings",
}


class ApiResponses:
    def __init__(self, state: ApiState, credentials: Credentials) -> None:
        self._state, self._credentials = state, credentials

    async def fetch_account(self, request: Request) -> Response:
        # A standard API key reaches everything but the account itself.
        if request.state.caller != self._credentials.account_sid:
            raise authenticate()
        refuse_query(request)
        self._own_account(request)
        return answer(self._account())

    async def list_numbers(self, request: Request) -> Response:
        self._own_account(request)
        given = filters_of(request, _FILTERS)
        numbers = self._state.matching(given.get("PhoneNumber"), given.get("FriendlyName"))
        return answer(flat_page(request, "incoming_phone_numbers", numbers, self._number, filters=_FILTERS))

    async def fetch_number(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._number(self._found(request)))

    async def update_number(self, request: Request) -> Response:
        number = self._found(request)
        values = await read_form(request, _UPDATE)
        for name in _URLS:
            if values.get(name) is not None and not _is_url(values[name]):
                raise invalid_url(name)
        for name in _METHODS:
            if values.get(name) not in (None, "GET", "POST"):
                raise invalid_method(name)
        number.set(**{_snake(name): value for name, value in values.items()})
        return answer(self._number(number))

    async def delete_number(self, request: Request) -> Response:
        refuse_query(request)
        self._state.release(self._found(request).sid)
        return no_content()

    def _own_account(self, request: Request) -> None:
        if request.path_params["account"] != self._state.account.sid:
            raise NotFoundError

    def _found(self, request: Request) -> PhoneNumber:
        self._own_account(request)
        return self._state.numbers.get(request.path_params["sid"])

    def _account(self) -> dict[str, Any]:
        account = self._state.account
        uri = f"/{VERSION}/Accounts/{account.sid}"
        return {
            "sid": account.sid,
            "owner_account_sid": account.sid,
            "auth_token": self._credentials.auth_token,
            "friendly_name": account.friendly_name,
            "status": "active",
            "type": "Full",
            "date_created": rfc2822(account.date_created),
            "date_updated": rfc2822(account.date_updated),
            "uri": f"{uri}.json",
            "subresource_uris": {name: f"{uri}/{path}.json" for name, path in _SUBRESOURCES.items()},
        }

    def _number(self, number: PhoneNumber) -> dict[str, Any]:
        account_sid = self._state.account.sid
        return {
            **_DEFAULTS,
            **number.settings,
            "sid": number.sid,
            "account_sid": account_sid,
            "phone_number": number.phone_number,
            "friendly_name": number.friendly_name,
            "date_created": rfc2822(number.date_created),
            "date_updated": rfc2822(number.date_updated),
            "uri": f"/{VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}.json",
        }


_DEFAULTS: dict[str, Any] = {
    "address_requirements": "none",
    "address_sid": None,
    "api_version": VERSION,
    "beta": False,
    "bundle_sid": None,
    "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
    "emergency_address_sid": None,
    "emergency_address_status": "unregistered",
    "emergency_status": "Inactive",
    "identity_sid": None,
    "origin": "twilio",
    "sms_application_sid": None,
    "sms_fallback_method": "POST",
    "sms_fallback_url": None,
    "sms_method": "POST",
    "sms_url": None,
    "status": "in-use",
    "status_callback": None,
    "status_callback_method": "POST",
    "trunk_sid": None,
    "type": "local",
    "voice_application_sid": None,
    "voice_caller_id_lookup": False,
    "voice_fallback_method": "POST",
    "voice_fallback_url": None,
    "voice_method": "POST",
    "voice_receive_mode": "voice",
    "voice_url": None,
}


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
