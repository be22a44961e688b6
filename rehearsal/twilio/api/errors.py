"""What the API 2010-04-01 refuses. Source: twilio.com/docs/api/errors, codes 21502 to 21510."""

from __future__ import annotations

from rehearsal.twilio.errors import TwilioError

_URL_CODES = {
    "VoiceUrl": 21502,
    "VoiceFallbackUrl": 21504,
    "StatusCallback": 21510,
    "SmsUrl": 21511,
    "SmsFallbackUrl": 21513,
}
_METHOD_CODES = {
    "VoiceMethod": 21503,
    "VoiceFallbackMethod": 21505,
    "SmsMethod": 21512,
    "SmsFallbackMethod": 21514,
}


def invalid_url(name: str) -> TwilioError:
    return TwilioError(400, _URL_CODES[name], f"{name} is not valid: it must be an http or https URL")


def invalid_method(name: str) -> TwilioError:
    return TwilioError(400, _METHOD_CODES.get(name, 20001), f"{name} is not valid: it must be GET or POST")
