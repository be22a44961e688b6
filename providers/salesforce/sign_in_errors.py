"""Why a sign-in fails, by each usual mistake's own name, and what helps. No text holds a credential.

Which words Salesforce's token endpoint uses: partly documented ("OAuth 2.0 Authorization Errors", RFC 6749 and 7523),
partly known from issue threads; words that are not known are told as they come.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from providers.handler import VendorError

VENDOR = "Salesforce"
# Salesforce accepts assertions that are a few minutes off; beyond that every sign-in fails.
_CLOCK_TOLERANCE_SECONDS = 150
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
_LONGEST_WORDS = 200

WAYS = (
    "JWT bearer: pulumi config set salesforceUsername USER, pulumi config set salesforceClientId KEY and "
    "pulumi config set --secret salesforcePrivateKey < server.key; "
    "client credentials: pulumi config set salesforceClientId KEY and pulumi config set --secret salesforceClientSecret; "
    "token: pulumi config set --secret salesforceAccessToken"
)

# Part of Salesforce's words, in lower case → cause and remedy. The first that fits is told.
_KNOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("no client credentials user enabled",),
        "the app of salesforceClientId has no user to run as, or its client credentials flow is off.",
        "in Setup, External Client App Manager, open the app: enable the client credentials flow under Settings and under "
        "Policies, and name the Run As user there",
    ),
    (
        ("request not supported on this domain",),
        "{base_url} is a common login host; client credentials work at an org's own My Domain alone.",
        "{set_domain}",
    ),
    (
        ("ip restricted", "ip_restricted", "invalid login hours"),
        "this machine's IP address, or the hour, is not one at which the user may sign in.",
        "extend Login IP Ranges and Login Hours of the user's profile, relax IP restrictions in the app's policies, or run "
        "from inside the ranges",
    ),
    (
        ("inactive_user", "user is inactive", "inactive user", "user is not active"),
        "the user {user} is inactive or frozen.",
        "activate or unfreeze the user in Setup > Users, or choose another",
    ),
    (
        ("inactive_org", "org is locked", "org_locked"),
        "the org of {base_url} is inactive or locked.",
        "ask Salesforce Support, or choose another org",
    ),
    (
        ("password expired", "password_expired", "expired password", "password has expired"),
        "the password of {user} has expired.",
        "set a new one in Setup > Users, or give the user the permission Password Never Expires",
    ),
    (("user is locked", "locked out"), "the user {user} is locked out.", "unlock the user in Setup > Users"),
    (
        ("rate_limit_exceeded", "login rate exceeded", "number of login attempts"),
        "the user {user} has signed in too often within an hour.",
        "wait an hour; look in Setup > Login History who signs in so often",
    ),
    (
        ("api is not enabled", "api_disabled", "api_currently_disabled"),
        "the API is closed for the user {user} or the org.",
        "give the user the permission API Enabled; the edition must include API access",
    ),
    (
        ("approved", "invalid_app_access"),
        "the user {user} is not pre-authorised for the app that signs in.",
        "in Setup, set the app's policy to admin-approved users and give the user a permission set of that app",
    ),
    (
        ("invalid client credentials", "invalid_client secret", "invalid client secret"),
        "salesforceClientSecret is not the secret of the app of salesforceClientId.",
        "copy it anew from the app's settings (Consumer Key and Secret): "
        "pulumi config set --secret salesforceClientSecret",
    ),
    (
        ("client identifier invalid", "invalid_client_id", "app_not_found", "not installed", "invalid_client"),
        "{base_url} does not know the app of salesforceClientId.",
        "check salesforceDomain and salesforceClientId: the app must exist in this very org, and a new one needs up to "
        "ten minutes until it works",
    ),
    (
        ("audience",),
        "the org does not accept the audience {audience}.",
        "check salesforceDomain: a sandbox's My Domain contains .sandbox.",
    ),
    (
        ("unsupported_grant_type", "grant type not supported"),
        "the app of salesforceClientId does not offer this way to sign in.",
        "enable the flow in the app's settings, or choose another: {ways}",
    ),
    (
        ("assertion", "signature"),
        "salesforcePrivateKey does not belong to the certificate that the app of salesforceClientId holds.",
        "upload the certificate of this key to the app (Use digital signatures), or: "
        "pulumi config set --secret salesforcePrivateKey < server.key",
    ),
)


class Unreachable(VendorError):
    """The org does not answer at all."""


def refused(
    told: dict[str, Any],
    status: int,
    *,
    base_url: str,
    username: str,
    audience: str,
    by_secret: bool,
    off: int | None,
) -> VendorError:
    """The error for a refusal of the token endpoint. off: see `clock_off`; by_secret: signed in by client credentials."""
    error, description = str(told.get("error", f"status {status}")), str(told.get("error_description", ""))
    words = f"{error}: {description}" if description else error
    if off is not None and not by_secret:
        # Looked at first: with a wrong clock Salesforce's own words speak of the assertion and never of the time.
        side = "behind" if off > 0 else "ahead of"
        return VendorError(
            VENDOR,
            f"sign-in refused; this machine's clock is {abs(off)} s {side} Salesforce's.",
            "set the clock (for example by NTP) and run again",
        )
    values = {
        "base_url": base_url,
        "user": username if username and not by_secret else "that the app runs as",
        "audience": audience,
        "set_domain": set_domain(),
        "ways": WAYS,
    }
    said = f" (Salesforce says: {words[:_LONGEST_WORDS]})"
    for parts, cause, remedy in _KNOWN:
        # What names the other way's credential cannot be meant.
        fits = any(part in words.lower() for part in parts)
        if fits and (by_secret or "salesforceClientSecret" not in cause) and not (by_secret and "PrivateKey" in cause):
            return VendorError(VENDOR, cause.format_map(values).removesuffix(".") + said + ".", remedy.format_map(values))
    who = "by client credentials" if by_secret else f"as {username}"
    return VendorError(
        VENDOR,
        f"sign-in {who} refused{said}.",
        "look in Setup > Login History: it names the reason, also an expired password or a locked user; "
        "check salesforceDomain, salesforceClientId and the user",
    )


def clock_off(date: str, now: float) -> int | None:
    """Seconds by which this machine is behind the org's Date header, when that is too much."""
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
    off = round(theirs - now)
    return off if abs(off) > _CLOCK_TOLERANCE_SECONDS else None


def host_is_wrong(error: Exception) -> bool:
    """Will this fail at every attempt? An unknown host or a certificate of somebody else."""
    return isinstance(error, requests.exceptions.SSLError) or _unknown_host(error)


def unreachable(base_url: str, error: Exception | None, *, replaced: bool = False) -> Unreachable:
    """The error for an org that does not answer at all, by what went wrong on the way.

    replaced: the address is salesforceEndpoint's.
    """
    host = urlsplit(base_url).hostname
    if error is not None and _unknown_host(error):
        return Unreachable(
            VENDOR, f"there is no host {host}.", f"check salesforceDomain (Setup > My Domain shows it): {set_domain()}"
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            VENDOR,
            f"{host} does not prove to be itself: its certificate is not accepted.",
            "check salesforceDomain; behind a proxy that opens connections, REQUESTS_CA_BUNDLE must name its certificate",
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(
            VENDOR, f"the proxy does not lead to {host}.", "check HTTPS_PROXY and NO_PROXY in the environment"
        )
    if replaced:
        remedy = "start what is to answer there (the local world: voice world start), or: pulumi config rm salesforceEndpoint"
        return Unreachable(VENDOR, f"no answer from {base_url}, which salesforceEndpoint names.", remedy)
    return Unreachable(
        VENDOR,
        f"no answer from {base_url}.",
        f"check salesforceDomain (Setup > My Domain), status.salesforce.com and the network; {set_domain()}",
    )


def led_elsewhere(base_url: str, location: str) -> VendorError:
    """The error for a host that sends the sign-in on: a My Domain that was renamed, or none."""
    host = urlsplit(location).hostname
    if host and host.endswith(".my.salesforce.com"):
        return VendorError(
            VENDOR, f"{base_url} leads to {host}: the My Domain was renamed.", f"pulumi config set salesforceDomain {host}"
        )
    to = f"leads to {host}" if host else "leads elsewhere"
    return VendorError(VENDOR, f"{base_url} is not an org's My Domain: it {to}.", set_domain())


def not_an_org(base_url: str, status: int) -> VendorError:
    """The error for a host that answers something else than an org does."""
    host = urlsplit(base_url).hostname or ""
    if status in (429, 500, 502, 503, 504):
        return Unreachable(
            VENDOR,
            f"{host} does not take calls at the moment (status {status}).",
            "look at status.salesforce.com and run again",
        )
    kind = "a common login host" if host in _LOGIN_HOSTS else "no org"
    return VendorError(
        VENDOR,
        f"{base_url} answers, but as {kind} does (status {status}, no JSON).",
        f"salesforceDomain must be the My Domain host ending in .my.salesforce.com, not .lightning.force.com; {set_domain()}",
    )


def set_domain() -> str:
    """The command that sets the org's host."""
    return "pulumi config set salesforceDomain example.my.salesforce.com"


def _unknown_host(error: Exception) -> bool:
    # requests has no class of its own for it; urllib3's name stands in the text.
    return isinstance(error, requests.ConnectionError) and "NameResolutionError" in repr(error)
