"""For all environments: the service starts with settings that are safe, or says every fault by its variable's name."""

from __future__ import annotations

import asyncio
import secrets
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config import ConfigurationError, ConnectorSettings
from connector.cors import Cors

GOOD = {
    "GCP_PROJECT_ID": "voice-contract-1",
    "AUTH_OPTION": "SalesforceLWC",
    "APP_AUTH_OPTION": "Twilio",
    "SALESFORCE_DOMAIN": "contract.my.salesforce.com",
    "SALESFORCE_ORGANIZATION_ID": "00D5g00000ABcDE",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
}
SETTINGS = [*GOOD, "PORT", "HOST", "REDISHOST", "REDISPORT", "CORS_ALLOWED_ORIGINS", "DEFAULT_REGION"]
SETTINGS += ["SALESFORCE_URL", "TWILIO_API_URL", "DIALOGFLOW_URL", "GCE_METADATA_HOST"]
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40)
HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]\.(?:example|test)", fullmatch=True)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("settings") / "jwt_secret_key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    yield path


@given(changes=st.dictionaries(st.sampled_from(SETTINGS), TEXT, max_size=5))
def test_any_text_is_taken_or_named_as_a_fault(key_file: Path, changes: dict[str, str]) -> None:
    environment = {**GOOD, "JWT_SECRET_KEY_PATH": str(key_file), **changes}
    try:
        settings = ConnectorSettings.from_environment(environment)
    except ConfigurationError as error:
        assert error.faults
        for fault in error.faults:
            assert fault.split(":", 1)[0] in changes
            assert fault.rstrip().endswith((".", "!"))
        return
    assert 0 < settings.port < 65536
    for url in (settings.salesforce_url, settings.twilio_url):
        parts = urlsplit(url)
        assert parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
    assert "*" not in settings.origins and "null" not in settings.origins


@given(missing=st.sets(st.sampled_from(sorted(GOOD)), min_size=1))
def test_every_missing_setting_is_named_at_once(key_file: Path, missing: set[str]) -> None:
    environment = {name: value for name, value in GOOD.items() if name not in missing}
    with pytest.raises(ConfigurationError) as caught:
        ConnectorSettings.from_environment({**environment, "JWT_SECRET_KEY_PATH": str(key_file)})
    assert {fault.split(":", 1)[0] for fault in caught.value.faults} == missing


@given(value=st.text(string.printable, max_size=60))
def test_dialogflows_address_is_googles_or_this_machines(key_file: Path, value: str) -> None:
    environment = {**GOOD, "JWT_SECRET_KEY_PATH": str(key_file), "DIALOGFLOW_URL": value}
    try:
        settings = ConnectorSettings.from_environment(environment)
    except ConfigurationError:
        return
    if settings.dialogflow_url is not None:
        host = urlsplit(settings.dialogflow_url).hostname or ""
        assert host.endswith(".googleapis.com") or host in ("127.0.0.1", "::1", "localhost")


@given(password=st.text(min_size=1, max_size=40))
def test_no_fault_repeats_a_password(key_file: Path, password: str) -> None:
    secret = "p" + password + "q1w2e3r4"
    environment = {**GOOD, "JWT_SECRET_KEY_PATH": str(key_file), "REDIS_PASSWORD": secret, "PORT": "none"}
    with pytest.raises(ConfigurationError) as caught:
        ConnectorSettings.from_environment(environment)
    assert secret not in str(caught.value)


def _answered(origins: tuple[str, ...], origin: str, method: str, headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers with which the middleware answers."""
    told: dict[bytes, bytes] = {}

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        told.update(dict(message.get("headers", [])))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": "/status", "query_string": b"", "headers": [(b"origin", origin.encode()), *headers]}
    asyncio.run(Cors(app, origins)(scope, receive, send))
    return told


@given(
    allowed=st.lists(HOSTS, max_size=3),
    asked=HOSTS,
    form=st.sampled_from(["https://{}", "http://{}", "https://{}:8443", "https://{}.evil.test", "https://evil.test/{}", "{}", "null"]),
    method=st.sampled_from(["GET", "POST", "OPTIONS"]),
)
def test_only_the_configured_origins_may_read(allowed: list[str], asked: str, form: str, method: str) -> None:
    origins = tuple(f"https://{host}" for host in allowed)
    origin = form.format(asked)
    preflight = [(b"access-control-request-method", b"GET")] if method == "OPTIONS" else []
    told = _answered(origins, origin, method, preflight)
    permitted = told.get(b"access-control-allow-origin")
    assert permitted == (origin.encode() if origin in origins else None)
    assert b"origin" in told[b"vary"].lower()
