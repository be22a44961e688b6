"""A weak or open setting means no start, and all faults are told at once."""

from __future__ import annotations

import ipaddress
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from connector.config import ConfigurationError, ConnectorSettings, InterceptorSettings
from tests.connector.world import ROOT


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    key = tmp_path / "key"
    key.write_text(secrets.token_hex(16) + "\n")
    return {
        "GCP_PROJECT_ID": "voice-1-project",
        "AUTH_OPTION": "SalesforceLWC",
        "APP_AUTH_OPTION": "Twilio",
        "SALESFORCE_DOMAIN": "example.my.salesforce.com",
        "SALESFORCE_ORGANIZATION_ID": "00D5g00000ABcDE",
        "TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
        "JWT_SECRET_KEY_PATH": str(key),
    }


def faults(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        ConnectorSettings.from_environment(environment)
    return refused.value.faults


def test_defaults(good: dict[str, str]) -> None:
    settings = ConnectorSettings.from_environment(good)
    assert (settings.port, settings.redis.host, settings.redis.port) == (8080, "localhost", 6379)
    assert settings.host == str(ipaddress.IPv4Address(0))
    assert settings.salesforce_url == "https://example.my.salesforce.com"
    assert settings.twilio_url == "https://api.twilio.com"
    assert settings.dialogflow_url is None
    assert settings.metadata_url == "http://metadata.google.internal"
    assert settings.origins == ("https://example.my.salesforce.com", "https://example.lightning.force.com")
    assert len(settings.signing_key) == 32
    assert settings.region == "US"


def test_everything_given(good: dict[str, str]) -> None:
    given = good | {
        "PORT": "9000",
        "REDIS_PASSWORD": "secret",
        "SALESFORCE_ORGANIZATION_ID": "00D5g00000ABcDEEA1",
        "SALESFORCE_URL": "http://127.0.0.1:81/",
        "DIALOGFLOW_URL": "https://eu-dialogflow.googleapis.com",
        "CORS_ALLOWED_ORIGINS": "https://a.example, https://b.example:8443/,http://localhost:3000,",
        "DEFAULT_REGION": "de",
    }
    settings = ConnectorSettings.from_environment(given)
    assert settings.salesforce_url == "http://127.0.0.1:81"
    assert settings.origins[2:] == (
        "http://127.0.0.1:81",
        "https://a.example",
        "https://b.example:8443",
        "http://localhost:3000",
    )
    assert settings.region == "DE"
    assert settings.redis.password == "secret"


@pytest.mark.parametrize(
    "name",
    [
        "GCP_PROJECT_ID",
        "AUTH_OPTION",
        "APP_AUTH_OPTION",
        "SALESFORCE_DOMAIN",
        "SALESFORCE_ORGANIZATION_ID",
        "TWILIO_ACCOUNT_SID",
    ],
)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing(good: dict[str, str], name: str, value: str | None) -> None:
    del good[name]
    [fault] = faults(good if value is None else good | {name: value})
    assert fault.startswith(f"{name}: missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_OPTION", "Skip"),
        ("AUTH_OPTION", "skip"),
        ("AUTH_OPTION", "Five9"),
        ("AUTH_OPTION", "salesforcelwc"),
        ("APP_AUTH_OPTION", "Skip"),
        ("APP_AUTH_OPTION", "None"),
        ("GCP_PROJECT_ID", "Voice"),
        ("GCP_PROJECT_ID", "123456"),
        ("GCP_PROJECT_ID", "a/../b"),
        ("SALESFORCE_DOMAIN", "https://example.my.salesforce.com"),
        ("SALESFORCE_DOMAIN", "example"),
        ("SALESFORCE_DOMAIN", "example.my.salesforce.com/x"),
        ("SALESFORCE_DOMAIN", "user@example.com"),
        ("SALESFORCE_ORGANIZATION_ID", "0"),
        ("SALESFORCE_ORGANIZATION_ID", "00D"),
        ("SALESFORCE_ORGANIZATION_ID", "00D5g00000ABcD"),
        ("SALESFORCE_ORGANIZATION_ID", "00D5g00000ABcDEE"),
        ("SALESFORCE_ORGANIZATION_ID", "0015g00000ABcDE"),
        ("TWILIO_ACCOUNT_SID", "SK" + "0a" * 16),
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("SALESFORCE_URL", "http://example.my.salesforce.com"),
        ("SALESFORCE_URL", "example.my.salesforce.com"),
        ("TWILIO_API_URL", "http://api.twilio.com"),
        ("TWILIO_API_URL", "http://127.0.0.1.evil.example"),
        ("TWILIO_API_URL", "https://u:p@api.twilio.com"),
        ("TWILIO_API_URL", "ftp://127.0.0.1"),
        ("TWILIO_API_URL", "http://127.0.0.1:port"),
        ("DIALOGFLOW_URL", "https://attacker.example"),
        ("DIALOGFLOW_URL", "https://googleapis.com.attacker.example"),
        ("DIALOGFLOW_URL", "http://dialogflow.googleapis.com"),
        ("GCE_METADATA_HOST", "evil/path"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "https://*.example.com"),
        ("CORS_ALLOWED_ORIGINS", "https://good.example,http://plain.example"),
        ("CORS_ALLOWED_ORIGINS", "https://good.example/path"),
        ("CORS_ALLOWED_ORIGINS", "null"),
        ("DEFAULT_REGION", "America"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("REDISPORT", "70000"),
        ("JWT_SECRET_KEY_PATH", "/nowhere/key"),
    ],
)
def test_refused(good: dict[str, str], name: str, value: str) -> None:
    [fault] = faults(good | {name: value})
    assert fault.startswith(f"{name}: ")
    assert fault.endswith(".")


@pytest.mark.parametrize("key", ["", "\n", " \n\t ", "short", "x" * 31, "x" * 64, "ab" * 32])
def test_weak_keys(good: dict[str, str], tmp_path: Path, key: str) -> None:
    weak = tmp_path / "weak"
    weak.write_text(key)
    [fault] = faults(good | {"JWT_SECRET_KEY_PATH": str(weak)})
    assert "forged" in fault
    assert not key.strip() or key.strip() not in fault


def test_all_faults_at_once() -> None:
    told = faults({"AUTH_OPTION": "Skip", "PORT": "x", "SALESFORCE_DOMAIN": "https://x"})
    names = [fault.partition(":")[0] for fault in told]
    assert sorted(names) == sorted(
        [
            "AUTH_OPTION",
            "APP_AUTH_OPTION",
            "SALESFORCE_DOMAIN",
            "PORT",
            "GCP_PROJECT_ID",
            "JWT_SECRET_KEY_PATH",
            "SALESFORCE_ORGANIZATION_ID",
            "TWILIO_ACCOUNT_SID",
        ]
    )


def test_the_interceptor_needs_little() -> None:
    settings = InterceptorSettings.from_environment({"REDISHOST": "10.0.0.3"})
    assert (settings.redis.host, settings.redis.port, settings.port) == ("10.0.0.3", 6379, 8080)
    with pytest.raises(ConfigurationError):
        InterceptorSettings.from_environment({"REDISPORT": "x"})


@pytest.mark.parametrize(("arguments", "where"), [(["ui-connector"], "stdout"), ([], "stderr"), (["other"], "stderr")])
def test_the_command_line_refuses_without_a_traceback(arguments: list[str], where: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "connector", *arguments],
        cwd=ROOT,
        env={"AUTH_OPTION": "Skip"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stdout + ended.stderr
    assert {"stdout": "AUTH_OPTION: Skip", "stderr": "usage: "}[where] in getattr(ended, where)


PUSH = {"PUSH_AUDIENCE": "https://interceptor.example.com", "PUSH_SERVICE_ACCOUNT": "push@p.iam.gserviceaccount.com"}


class TestPushIdentity:
    def test_both_or_neither(self) -> None:
        assert InterceptorSettings.from_environment({}).push is None
        settings = InterceptorSettings.from_environment(PUSH)
        assert settings.push is not None
        assert settings.push.certs_url == "https://www.googleapis.com/oauth2/v3/certs"

    @pytest.mark.parametrize("missing", sorted(PUSH))
    def test_one_alone_is_refused(self, missing: str) -> None:
        environment = {name: value for name, value in PUSH.items() if name != missing}
        with pytest.raises(ConfigurationError, match=f"^{missing}: missing"):
            InterceptorSettings.from_environment(environment)

    @pytest.mark.parametrize(
        ("url", "fault"),
        [("https://keys.example.com", "could sign pushes"), ("http://keys.example.com", "unprotected"), ("x", "not a base URL")],
    )
    def test_keys_come_from_google_or_from_this_machine(self, url: str, fault: str) -> None:
        with pytest.raises(ConfigurationError, match=f"^GOOGLE_CERTS_URL: .*{fault}"):
            InterceptorSettings.from_environment(PUSH | {"GOOGLE_CERTS_URL": url})


class TestOperation:
    def test_previous_key_is_held_to_the_same_rules(self, good: dict[str, str], tmp_path: Path) -> None:
        previous = tmp_path / "previous"
        previous.write_text("short")
        assert "5 bytes long" in faults(good | {"JWT_PREVIOUS_SECRET_KEY_PATH": str(previous)})[0]
        previous.write_text(secrets.token_hex(16))
        settings = ConnectorSettings.from_environment(good | {"JWT_PREVIOUS_SECRET_KEY_PATH": str(previous)})
        assert [len(key) for key in settings.previous_keys] == [32]
        assert ConnectorSettings.from_environment(good).previous_keys == ()

    @pytest.mark.parametrize(("port", "fault"), [("0", "not a port"), ("8080", "is PORT"), ("x", "not a port")])
    def test_metrics_never_on_the_public_port(self, good: dict[str, str], port: str, fault: str) -> None:
        assert fault in faults(good | {"METRICS_PORT": port})[0]
        assert ConnectorSettings.from_environment(good | {"METRICS_PORT": "9090"}).metrics_port == 9090

    @pytest.mark.parametrize("name", ["FORWARDED_HOPS", "REFUSED_LOGINS_PER_MINUTE", "REQUESTS_PER_MINUTE", "MOST_CLIENTS"])
    @pytest.mark.parametrize("value", ["0", "-1", "many", "1e3", "²"])
    def test_numbers(self, good: dict[str, str], name: str, value: str) -> None:
        assert faults(good | {name: value})[0].startswith(f"{name}: ")

    @pytest.mark.parametrize("certificates", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
    def test_certificates_that_are_none(self, good: dict[str, str], certificates: str) -> None:
        assert faults(good | {"REDIS_CA_CERTS": certificates})[0].startswith("REDIS_CA_CERTS: holds no certificates")
