"""Voice lines: every fault of a list at once, and a graph in which nothing hangs on the order of that list."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.settings_model import SettingFaults
from components.twilio.voice_lines import MOST_LINES, Destination
from tests.components.twilio.values import settings, voice
from tests.graph import Graph

GUIDE = "studio_flows/voice_ivr_as_in_the_guide.json"
PROFILE = "projects/my-project-1234/locations/global/conversationProfiles/sales"
OWN_NUMBER = "+15550100901"


def line(name: str, dialled: int | str, /, **more: str) -> dict[str, Any]:
    return {"name": name, "phoneNumber": dialled, **more}


def faults(*lines: Any, **more: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        settings(lines=list(lines), **more)
    (error,) = caught.value.errors()
    cause = error["ctx"]["error"]
    assert isinstance(cause, SettingFaults)
    return list(cause.faults)


def shape(graph: Graph) -> dict[str, tuple[Any, ...]]:
    """What a state would hold: every resource by URN, with its inputs and what it waits for."""
    return {
        each.urn: (
            json.dumps({key: value for key, value in each.inputs.items() if key != "__provider"}, sort_keys=True),
            each.parent,
            sorted(each.depends_on),
        )
        for each in graph
    }


class TestWhatIsRefused:
    def test_everything_at_once(self):
        told = faults(
            line("a b", "555-0100"),
            line("Sales", "+15550100201", flow="studio_flows/none.json"),
            line("sales", 15550100201, fow="x"),
            "support",
            {"name": "q", "workflow": "WQ" + "0" * 32},
        )
        places = [re.match(r"lines\[\d+\](\.\w+)?", each)[0] for each in told]
        assert sorted(places) == [
            "lines[0].name",
            "lines[0].phoneNumber",
            "lines[1].flow",
            "lines[2].fow",
            "lines[2].name",
            "lines[2].phoneNumber",
            "lines[3]",
            "lines[4].phoneNumber",
            "lines[4].workflow",
        ]
        assert all("Fix: pulumi config" in each for each in told)

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            ([line("a", "+15550100201", number="x")], r"lines\[0\]\.number is not a setting of a line; did you mean phoneNumber\?"),
            ([line("a", "+15550100201", colour="x")], r"a line has name, phoneNumber, flow, .*rm --path 'lines\[0\]\.colour'"),
            ([{"phoneNumber": "+15550100201"}], r"lines\[0\]\.name is missing: .*set --path 'lines\[0\]\.name' sales"),
            ([{"name": "a"}], r"lines\[0\]\.phoneNumber is missing.*--type string --path 'lines\[0\]\.phoneNumber' \+1"),
            ([line("a", "+15550100201"), line("b", 15550100201)], r"lines\[1\]\.phoneNumber: \+15550100201 is that of lines\[0\]"),
            ([line("a", "+15550100201"), line("A", "+15550100202")], r"lines\[1\]\.name: A is that of lines\[0\] already"),
            ([line("a", "+15550100201", workflow="x", queue="y")], r"lines\[0\]\.queue: a line has a workflow or a queue"),
            ([line("a", "+15550100201", workflow="x | y")], r"lines\[0\]\.workflow: must be a name"),
            ([line("a", "+15550100201", workflow="")], r"lines\[0\]\.workflow: must be a name"),
            ([line("a", "+15550100201", workflow="WF" + "0" * 32)], r"lines\[0\]\.workflow: must be the SID \(WW…\) or name"),
            ([line("a", "+15550100201", queue="WQ" + "0" * 32)], r"lines\[0\]\.queue: must be the name of a queue"),
            ([line("a", "+15550100201", flow="flow.yaml")], r"lines\[0\]\.flow: is not a \.json file"),
            ([line("a", "+15550100201", flow=GUIDE)], r"lines\[0\]\.flow: holds the account's auth token .*--secret twilioAuthToken"),
            ([line("a", True)], r"lines\[0\]\.phoneNumber: Input should be a valid string"),
        ],
    )
    def test_each_with_its_place_and_remedy(self, lines: list[Any], told: str):
        (fault,) = faults(*lines)
        assert re.search(told, fault), fault
        assert "Fix: " in fault

    def test_a_profile_needs_a_telephony_number_of_its_own(self):
        (fault,) = faults(line("a", "+15550100201", conversationProfile=PROFILE))
        assert "Google chooses the profile by the telephony number" in fault
        assert "--path 'lines[0].gtpPhoneNumber' +1…" in fault

    def test_lines_of_one_telephony_number_have_one_profile(self):
        own = {"gtpPhoneNumber": OWN_NUMBER}
        (fault,) = faults(
            line("a", "+15550100201", conversationProfile=PROFILE, **own), line("b", "+15550100202", **own)
        )
        assert fault.startswith("lines[1].conversationProfile: lines[0] has the same gtpPhoneNumber and another profile")

    def test_too_many(self):
        many = [line(f"line-{at}", f"+1555010{at:04d}") for at in range(MOST_LINES + 1)]
        assert faults(*many) == ["lines has 201 lines, one environment has 200 at most. Fix: make another stack"]
        assert len(settings(lines=many[:MOST_LINES]).voice_lines) == MOST_LINES + 1

    def test_no_list_at_all(self):
        with pytest.raises(ValidationError, match="lines must be a list of objects"):
            settings(lines="sales")

    def test_no_number_anywhere(self):
        with pytest.raises(ValidationError) as caught:
            settings(twilioPhoneNumber=None)
        assert [error["type"] for error in caught.value.errors()] == ["missing"]

    def test_a_line_named_as_the_short_forms(self):
        with pytest.raises(ValidationError, match="its line is named main, and so is one of `lines`"):
            settings(lines=[line("main", "+15550100201")])


class TestWhatIsTaken:
    def test_a_number_that_the_engine_took_for_a_whole_one(self):
        # `pulumi config set --path 'lines[0].phoneNumber' +15550100201` stores 15550100201.
        assert settings(lines=[line("a", 15550100201)]).lines[0].phone_number == "+15550100201"

    def test_defaults(self):
        made = settings(lines=[line("a", "+15550100201")], flexWorkflowSid="WW" + "1" * 32)
        main, other = made.voice_lines
        assert (other.flow, other.destination) == (main.flow, main.destination)
        assert other.destination == Destination(workflow_sid="WW" + "1" * 32)

    def test_lines_alone(self):
        made = settings(twilioPhoneNumber=None, lines=[line("a", "+15550100201")])
        assert [each.name for each in made.voice_lines] == ["a"]

    def test_a_line_with_the_short_forms_number_is_that_line(self):
        made = settings(lines=[line("main-desk", "+15550100200"), line("b", "+15550100201")])
        assert [(each.name, each.is_short_form) for each in made.voice_lines] == [("main-desk", False), ("b", False)]

    def test_one_file_has_one_name(self):
        made = settings(lines=[line("a", "+15550100201", flow="studio_flows/../studio_flows/voice_ivr.json")])
        assert {each.flow for each in made.voice_lines} == {"studio_flows/voice_ivr.json"}


def own_flow(folder: Path, name: str, placeholder: str = "") -> str:
    text = Path("studio_flows/voice_ivr.json").read_text()
    file = folder / name
    file.write_text(text.replace("Voice IVR with", f"{placeholder} Voice IVR with"))
    return str(file)


class TestGraph:
    LINES = (
        line("sales", "+15550100201"),
        line("support", "+15550100202", workflow="Support"),
        line("night", "+15550100203", queue="Night"),
        line("vip", "+15550100204", gtpPhoneNumber=OWN_NUMBER, conversationProfile=PROFILE),
    )

    def test_one_line_more_adds_its_number_and_nothing_else(self):
        before, after = shape(voice()), shape(voice(lines=[self.LINES[0]]))
        added = {urn.split("::")[-1] for urn in after.keys() - before.keys()}
        assert added == {f"{what}-15550100201" for what in ("voice-number", "phone-number", "phone-number-before")}
        assert {urn: after[urn] for urn in before} == before

    def test_a_line_in_the_middle_goes_without_touching_the_others(self):
        all_of_them = shape(voice(lines=list(self.LINES)))
        for gone in range(len(self.LINES)):
            left = [each for at, each in enumerate(self.LINES) if at != gone]
            rest = shape(voice(lines=left))
            assert {urn: all_of_them[urn] for urn in rest} == rest
            removed = [urn for urn in all_of_them.keys() - rest.keys() if "dynamic/twilio:" in urn]
            assert any(urn.endswith(f"phone-number-{self.LINES[gone]['phoneNumber'][1:]}") for urn in removed)

    def test_their_order_means_nothing(self):
        assert shape(voice(lines=list(self.LINES))) == shape(voice(lines=list(reversed(self.LINES))))

    def test_what_is_shared_and_what_is_not(self):
        graph = voice(lines=list(self.LINES))
        for shared in ("ServerlessService", "ServerlessDeployment", "ServerlessVariable"):
            graph.one(f"dynamic/twilio:{shared}")
        numbers = {each.name: each.inputs["flowSid"] for each in graph.all("dynamic/twilio:PhoneNumber")}
        assert numbers == {
            "phone-number": "FW1",
            "phone-number-15550100201": "FW1",
            "phone-number-15550100202": "FW1 | workflow Support",
            "phone-number-15550100203": "FW1 | queue Night",
            "phone-number-15550100204": f"FW1 | telephony {OWN_NUMBER}",
        }
        assert [each.name for each in graph.all("dynamic/twilio:FlexWorkflow")] == [
            "flex-queue-Night",
            "flex-workflow",
            "flex-workflow-Support",
        ]

    def test_flows_are_told_apart_by_name_in_studio(self):
        names = [each.inputs["friendlyName"] for each in voice(lines=list(self.LINES)).all("dynamic/twilio:StudioFlow")]
        assert sorted(names) == [
            "Agent Assist Voice IVR",
            "Agent Assist Voice IVR | queue Night",
            f"Agent Assist Voice IVR | telephony {OWN_NUMBER}",
            "Agent Assist Voice IVR | workflow Support",
        ]

    def test_a_telephony_number_of_its_own_has_its_own_connector(self):
        graph = voice(lines=list(self.LINES))
        connectors = {each.inputs["uniqueName"]: each for each in graph.all("dynamic/twilio:SiprecConnector")}
        own = "SipRec1-15550100901"
        assert set(connectors) == {"SipRec1", own}
        assert OWN_NUMBER in connectors[own].inputs["configuration"]["session_recording_server"]
        flow = graph.one("dynamic/twilio:StudioFlow", f"voice-ivr | telephony {OWN_NUMBER}")
        assert flow.inputs["definition"]["widgets"]["fork_stream"]["properties"]["stream_connector"] == own
        assert flow.needs(connectors[own]) and not flow.needs(connectors["SipRec1"])

    def test_the_profile_belongs_to_the_number(self):
        assert settings(lines=list(self.LINES)).gtp_profiles == {OWN_NUMBER: PROFILE}

    def test_another_file_is_another_flow(self, tmp_path: Path):
        file = own_flow(tmp_path, "own.json")
        graph = voice(lines=[line("a", "+15550100201", flow=file), line("b", "+15550100202", flow=file)])
        assert len(graph.all("dynamic/twilio:StudioFlow")) == 2

    def test_a_file_that_names_the_line_makes_a_flow_for_each(self, tmp_path: Path):
        file = own_flow(tmp_path, "own.json", "${line} on ${phone_number}:")
        lines = [line("a", "+15550100201"), line("b", "+15550100202")]
        flows = voice(studioFlow=file, lines=lines).all("dynamic/twilio:StudioFlow")
        told = {each.name: each.inputs["definition"]["description"].partition(":")[0] for each in flows}
        assert told == {
            "voice-ivr": "main on +15550100200",
            "voice-ivr | line a": "a on +15550100201",
            "voice-ivr | line b": "b on +15550100202",
        }

    def test_the_short_forms_number_moves_into_a_line_without_being_made_anew(self):
        graph = voice(lines=[line("desk", "+15550100200")])
        for kind, name in (("PhoneNumber", "phone-number"), ("FormerVoiceSettings", "phone-number-before")):
            moved = graph.one(f"dynamic/twilio:{kind}", f"{name}-15550100200")
            assert name in {alias.spec.name for alias in moved.request.aliases}

    def test_and_back(self):
        for kind, name in (("PhoneNumber", "phone-number"), ("FormerVoiceSettings", "phone-number-before")):
            moved = voice().one(f"dynamic/twilio:{kind}", name)
            assert f"{name}-15550100200" in {alias.spec.name for alias in moved.request.aliases}

    def test_another_name_and_a_swap_make_no_number_anew(self):
        one, two = line("a", "+15550100201"), line("b", "+15550100202", workflow="Sales")
        before = voice(lines=[one, two])
        after = voice(lines=[{**one, "name": "c"}, {**two, "phoneNumber": "+15550100203"}, line("d", "+15550100202")])
        gone = {each.name for each in before} - {each.name for each in after}
        assert gone == set()
        number = after.one("dynamic/twilio:PhoneNumber", "phone-number-15550100202")
        assert number.inputs["flowSid"] == "FW1"

    def test_outputs(self):
        outputs = voice(lines=[line("a", "+15550100201")]).one("voice:twilio:TwilioVoice").outputs
        assert outputs["lines"] == {
            "main": {"phone_number": "+15550100200", "flow": "FW1"},
            "a": {"phone_number": "+15550100201", "flow": "FW1"},
        }
        assert outputs["phoneNumber"] == "+15550100200"

    def test_outputs_of_lines_alone(self):
        outputs = voice(twilioPhoneNumber=None, lines=[line("a", "+15550100201")]).one("voice:twilio:TwilioVoice").outputs
        assert outputs["lines"] == {"a": {"phone_number": "+15550100201", "flow": "FW1"}}
        assert outputs.get("phoneNumber") is None and outputs.get("flowSid") is None
