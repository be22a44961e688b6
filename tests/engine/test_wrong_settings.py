"""Wrong settings through the real engine: one short message that names the key and the remedy, and nothing is made."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from rehearsal import snapshots
from tests.engine.local_world import LocalWorld, Said

pytestmark = pytest.mark.engine
PLANTED = "planted-value-in-plain-text"
# What the engine itself says before or behind the message: its names for the stack, and that the program ended.
LONGEST = 600


def previewed(world: LocalWorld, **changes: Any) -> Said:
    """A preview that must be refused, without a traceback and without a trace at the vendors."""
    before = world.snapshot()
    with world.settings(**changes) as environment:
        answer = world.pulumi("preview", environment=environment)
    assert answer.code != 0, answer.all
    assert "Traceback" not in answer.all and 'File "' not in answer.all
    assert PLANTED not in answer.all
    assert snapshots.differences(before, world.snapshot()) == []
    return answer


def message(answer: Said) -> str:
    """The one fault that the program found, as it stands in the engine's diagnostics."""
    told = answer.out.partition("Diagnostics:")[2]
    assert told.count("1 setting has a fault:") == 1, answer.all
    # The engine adds that line to what a program does not tell it in the SDK's own way.
    assert "unhandled error" not in answer.all
    (line,) = re.findall(r"^ +- (.*)$", told, re.MULTILINE)
    assert len(line) < LONGEST
    return line


def errors(answer: Said) -> list[str]:
    """What the engine's diagnostics give as errors; one at least."""
    told = re.findall(r"^    error: (.*)$", answer.out.partition("Diagnostics:")[2], re.MULTILINE)
    assert told and all(len(each) < LONGEST for each in told), answer.all
    return told


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key is missing": (
        {"twilioAccountSid": None},
        r"twilioAccountSid is missing: .* Fix: pulumi config set twilioAccountSid AC[0-9a-f]{32}",
    ),
    "a malformed account SID": (
        {"twilioAccountSid": "AC123"},
        r"twilioAccountSid: is not an account SID: .* Fix: pulumi config set twilioAccountSid AC[0-9a-f]{32}",
    ),
    "a domain with http://": (
        {"salesforceDomain": "http://rehearsal.my.salesforce.com"},
        r"salesforceDomain: is a URL; .*without https://.* Fix: pulumi config set salesforceDomain rehearsal\.my\.salesforce\.com",
    ),
    "an organisation ID of the wrong length": (
        {"salesforceOrganizationId": "00D00000000001"},
        r"salesforceOrganizationId: has 14 characters; .*15 or 18.* Fix: pulumi config set salesforceOrganizationId 00D\w{15}",
    ),
    "a secret in plain text": (
        {"twilioApiKeySecret": PLANTED},
        r"twilioApiKeySecret is a secret, but .* plain text.* Fix: pulumi config set --secret twilioApiKeySecret",
    ),
    "an unknown key": (
        {"twilioAcountSid": "AC123"},
        r"twilioAcountSid is not a setting of this program; did you mean twilioAccountSid\? Fix: pulumi config rm twilioAcountSid",
    ),
    "a number without its country code": (
        {"twilioPhoneNumber": "555-0100"},
        r"twilioPhoneNumber: is not in E\.164 form: .* Fix: pulumi config set twilioPhoneNumber \+15550100200",
    ),
    "a feature that voice does not have": (
        {"assistFeatures": ["SMART_REPLY"]},
        r"assistFeatures: SMART_REPLY is for chat; .*voice calls\. Fix: .*",
    ),
    "an endpoint elsewhere": (
        {"twilioEndpoint": "https://twilio.example.com"},
        r"twilioEndpoint: is not a loopback address .* Fix: pulumi config rm twilioEndpoint",
    ),
    "a flow file that is not there": (
        {"studioFlow": "studio_flows/none.json"},
        r"studioFlow: cannot be used: none\.json: there is no such file\. Fix: pulumi config set studioFlow .*",
    ),
    "nobody to sign in as": (
        {"salesforceAccessToken": None},
        r"salesforceClientId, salesforcePrivateKey missing, and no salesforceAccessToken: .* Fix: .*",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_program_refuses(deployed: LocalWorld, name: str) -> None:
    changes, expected = WRONG[name]
    told = message(previewed(deployed, **changes))
    assert re.fullmatch(expected, told), told


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [("connectorMinInstances", "many", "integer"), ("siprecAcceptTerms", "perhaps", "boolean")],
)
def test_the_engine_refuses_the_type(deployed: LocalWorld, key: str, value: str, kind: str) -> None:
    """By the types in Pulumi.yaml, before the program runs."""
    answer = previewed(deployed, **{key: value})
    expected = (
        f"error: validating stack config: Stack 'rehearsal' with configuration key '{key}' must be of type '{kind}'"
    )
    assert answer.err.strip().splitlines()[-1] == expected


class TestRefusedByTheThingItself:
    """What only the resource can know; still at preview."""

    def test_another_org(self, deployed: LocalWorld) -> None:
        other = "00D000000000009AAA"
        answer = previewed(deployed, salesforceOrganizationId=other)
        for line in errors(answer):
            assert f"but salesforceOrganizationId says {other}; nothing was changed. Fix: " in line

    def test_a_flow_wired_to_nowhere(self, deployed: LocalWorld) -> None:
        file = deployed.project / "studio_flows" / "to_nowhere.json"
        flow = json.loads((file.with_name("voice_ivr.json")).read_text())
        (fork,) = [each for each in flow["states"] if each["type"] == "fork-stream"]
        fork["transitions"][0]["next"] = "nowhere"
        file.write_text(json.dumps(flow))
        (told,) = errors(previewed(deployed, studioFlow="studio_flows/to_nowhere.json"))
        assert "resource 'voice-ivr': property definition.widgets.fork_stream.transitions.next " in told
        assert told.endswith("has a problem: there is no widget nowhere")
