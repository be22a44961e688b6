"""What is taken for a secret, and what is not."""

from __future__ import annotations

import secrets

import pytest

from studio_flows.check import check
from studio_flows.findings import errors
from studio_flows.plain_secrets import masked, secret_in
from tests.studio_flows.building import AC
from tests.studio_flows.corpus_calls import agent_with_assist
from tests.studio_flows.our_flow import widget


def test_fresh_tokens_are_found_wherever_they_stand():
    token = secrets.token_hex(16)
    for text in (
        token,
        f"token={token}",
        f'{{"authToken": "{token}"}}',
        f"Bearer {token}",
        f"https://{AC}:{token}@api.twilio.com/2010",
    ):
        assert secret_in(text), text.replace(token, "TOKEN")
        assert token not in masked(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (AC, "parameters.accountSid"),
        ("SK" + "0123456789abcdef" * 2, "parameters.apiKeySid"),
        ("{{flow.variables.token}}", "parameters.token"),
        ("${twilio_auth_token}", "parameters.authToken"),
        ('{"authToken": "${twilio_auth_token}", "accountSid": "' + AC + '"}', "body"),
        ("YOUR_API_KEY", "parameters.api_key"),
        ("xxxxxxxxxxxxxxxx", "parameters.password"),
        ("one-time", "payment_token_type"),
        ("Please say your password after the tone, then press the hash key.", "say"),
        ("https://cdn.example.com/assets/0f1e2d3c4b5a69788796a5b4c3d2e1f0.mp3", "play"),
        ("projects/demo/conversations/TW-{{trigger.call.CallSid}}", "stream_parameters.conversation"),
        ("", "sip_password"),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "parameters.id"),
    ],
)
def test_what_is_none_is_left_alone(text: str, place: str):
    assert secret_in(text, place) == ""
    assert masked(text, place) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----", "private key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk", "JWT"),
        ("Basic " + "QUxhZGRpbjpvcGVuIHNlc2FtZQ==", "password"),
        ("AKIA" + "IOSFODNN7EXAMPL3", "AWS"),
        ("AIza" + "SyA-1234567890abcdefghijklmnopqrstu", "Google"),
        ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "Stripe"),
        ("xoxb-" + "123456789012-abcdefghijkl", "Slack"),
    ],
)
def test_known_shapes(text: str, kind: str):
    assert kind in secret_in(f"before {text} after")


def test_a_finding_does_not_hold_the_secret():
    token = secrets.token_hex(16)
    definition = agent_with_assist()
    widget(definition, "welcome")["properties"]["say"] = token
    assert errors(check(definition))
    assert all(token not in str(each.as_json()) for each in check(definition))
