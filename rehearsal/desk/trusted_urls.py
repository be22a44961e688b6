"""Which record of the org opens which URL to the page, and the words for one that is not opened."""

from __future__ import annotations

from urllib.parse import urlsplit

CONNECTOR, CONNECTOR_SOCKET, MY_DOMAIN = "ui_connector", "ui_connector_wss", "salesforce_domain"
# What Google's UI modules load: host, record, directive.
GOOGLE = (("googleapis.com", "googleapi", "style-src"), ("gstatic.com", "gstatic", "img-src"))


def origin_of(url: str) -> str:
    """scheme://host:port of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def refused(origin: str, directive: str, record: str) -> str:
    """The cause as both kinds of desk tell it."""
    return f"{origin} is not a trusted URL ({directive}); the record {record or 'for it'} is missing"


def record_for(url: str, endpoint: str, my_domain: str) -> str:
    """The record that should open `url`; "" for one that the page has no business with."""
    origin = origin_of(url)
    own = {endpoint: CONNECTOR, "ws" + endpoint.removeprefix("http"): CONNECTOR_SOCKET, my_domain: MY_DOMAIN}
    if origin in own:
        return own[origin]
    host = urlsplit(url).hostname or ""
    return next((record for domain, record, _ in GOOGLE if host.endswith(f".{domain}")), "")
