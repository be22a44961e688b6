"""Where Twilio's OpenAPI files say less, or something else, than Twilio does: each with the reason, and nothing beyond.

Whatever is not in these tables is held against the files as they stand. Operations are named by their `operationId`.
"""

from __future__ import annotations

# Operations that are in no file: (method, path as a file would write it) → (the operation whose answer theirs equals, why).
_UPLOAD = "the upload host is in no file (Serverless quickstart, npm @twilio-labs/serverless-api); a version is answered"
UNSPECIFIED: dict[tuple[str, str], tuple[str, str]] = {
    ("POST", "/v1/Services/{ServiceSid}/Functions/{FunctionSid}/Versions"): ("FetchFunctionVersion", _UPLOAD),
    ("POST", "/v1/Services/{ServiceSid}/Assets/{AssetSid}/Versions"): ("FetchAssetVersion", _UPLOAD),
}

# Form parameters that are lists although the file gives them no `encoding`: the parameter is repeated, as OpenAPI has it
# by default and as Twilio's libraries send it. A Prism of these files refuses even that.
REPEATED: dict[tuple[str, str], str] = {
    ("CreateBuild", "FunctionVersions"): "array without encoding",
    ("CreateBuild", "AssetVersions"): "array without encoding",
}

# Form parameters that a client of Twilio's own sends and no file knows.
EXTRA: dict[tuple[str, str], str] = {
    ("CreateEnvironment", "FriendlyName"): "npm @twilio-labs/serverless-api sends it, and says that it does not exist yet",
}

# Parameters that take more than their schema says.
WIDER: dict[tuple[str, str], str] = {
    ("ListIncomingPhoneNumber", "PhoneNumber"): "a part of a number is documented too, with * for any digit",
}

# Operations in which an empty value clears what was set, whatever its pattern or format.
CLEARED_BY_NOTHING: dict[str, str] = {
    "UpdateIncomingPhoneNumber": "documented for the number's URLs, trunk and applications",
}

# Hosts whose `format: uri` is a path.
RELATIVE_URIS: dict[str, str] = {
    "api": "API 2010-04-01 answers first_page_uri and its like without a host, in the files' own examples too",
}
