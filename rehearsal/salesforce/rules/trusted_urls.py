"""Trusted URLs (CSP) and CORS origins."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from rehearsal.salesforce.rules.base import Context, Refusal, Rule

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")
DIRECTIVES = {
    "isApplicableToConnectSrc": "connect-src",
    "isApplicableToFontSrc": "font-src",
    "isApplicableToFrameSrc": "frame-src",
    "isApplicableToImgSrc": "img-src",
    "isApplicableToMediaSrc": "media-src",
    "isApplicableToStyleSrc": "style-src",
}


def url_problem(url: str) -> str | None:
    """Why the org does not take `url` as a trusted one; None when it does.

    Salesforce wants https or wss. http and ws are taken for loopback hosts only: in the rehearsal the connector is a process on
    this machine and has no certificate.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"URL is not valid: {url}"
    if parts.scheme in ("http", "ws") and host in _LOOPBACK:
        pass
    elif parts.scheme not in ("https", "wss"):
        return f"URL must begin with https:// or wss://: {url}"
    elif not _HOST.fullmatch(host) or port == 0:
        return f"URL must include a domain name, with at most one wildcard in front of it: {url}"
    if parts.username or parts.query or parts.fragment:
        return f"URL must not have user information, a query or a fragment: {url}"
    return None


class CspTrustedSiteRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        super().check(name, values, files, context)
        if problem := url_problem(values["endpointUrl"]):
            raise Refusal(f"endpointUrl: {problem}", "<endpointUrl>")


class CorsWhitelistOriginRule(Rule):
    def check(self, name: str, values: dict[str, Any], files: dict[str, bytes], context: Context) -> None:
        pattern = values["urlPattern"]
        if (
            (problem := url_problem(pattern))
            or not pattern.startswith(("https://", "http://"))
            or urlsplit(pattern).path
        ):
            raise Refusal(
                f"urlPattern: {problem or 'must be an origin: scheme, host and at most a port'}", "<urlPattern>"
            )


def directives(values: dict[str, Any]) -> list[str]:
    """The CSP directives that an active trusted site of the Lightning Experience opens."""
    if not values.get("isActive") or values.get("context", "All") not in ("All", "LEX"):
        return []
    return [directive for element, directive in DIRECTIVES.items() if values.get(element)]
