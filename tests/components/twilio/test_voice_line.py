"""The whole Twilio graph: complete, in an order that is safe to make and to destroy, previews that can be read."""

from __future__ import annotations

import base64
import pickle
import pickletools
from pathlib import Path

import pulumi
import pytest
from pulumi.dynamic.dynamic import serialize_provider

from components.twilio import resources
from components.twilio.settings import PLACEHOLDERS
from components.twilio.studio_flow import StudioFlow
from providers import pickler
from providers.dynamic import HandledResource, HandlerProvider
from studio_flows.definition import FlowError, load
from tests.components.twilio.values import CONNECTOR, SECRET, voice
from tests.graph import UNKNOWN, Graph, record

KINDS = [each for each in vars(resources).values() if isinstance(each, type) and issubclass(each, HandledResource)]
OWN = sorted((each for each in KINDS if each is not HandledResource), key=lambda each: each.__name__)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return voice()


class TestGraph:
    def test_it_has_one_of_each_kind(self, graph: Graph):
        for kind in OWN:
            graph.one(f"dynamic/twilio:{kind.__name__}")

    def test_outputs(self, graph: Graph):
        assert graph.one("voice:twilio:TwilioVoice").outputs == {
            "lines": {"main": {"phone_number": "+15550100200", "flow": "FW1"}},
            "phoneNumber": "+15550100200",
            "phoneNumberSid": "PN1",
            "flowSid": "FW1",
        }

    def test_everything_is_below_the_voice_line(self, graph: Graph):
        top = graph.one("voice:twilio:TwilioVoice").urn
        for each in graph:
            if each.custom:
                assert top in (each.parent, graph.at(each.parent).parent), each.name

    @pytest.mark.parametrize(
        ("first", "then"),
        [
            ("ServerlessVariable", "ServerlessDeployment"),
            ("ServerlessDeployment", "StudioFlow"),
            ("SiprecConnector", "StudioFlow"),
            ("FlexWorkflow", "StudioFlow"),
            ("StudioFlow", "PhoneNumber"),
            ("FormerVoiceSettings", "PhoneNumber"),
            ("FormerSiprecConnector", "SiprecConnector"),
            ("ServerlessService", "PhoneNumber"),
        ],
    )
    def test_the_order(self, graph: Graph, first: str, then: str):
        # Destroy goes the other way round: the number is put back before the flow goes, the flow before the functions.
        before, after = (graph.one(f"dynamic/twilio:{name}") for name in (first, then))
        assert before.urn in graph.upstream(after)
        assert after.urn not in graph.upstream(before)

    def test_what_was_before_is_recorded_without_waiting(self, graph: Graph):
        assert graph.upstream(graph.one("FormerVoiceSettings")) == set()
        assert graph.upstream(graph.one("FormerSiprecConnector")) == set()

    def test_what_is_in_the_service_goes_with_it(self, graph: Graph):
        service = graph.one("ServerlessService").urn
        for name in ("Environment", "Function", "Variable", "Deployment"):
            assert graph.one(f"dynamic/twilio:Serverless{name}").request.deletedWith == service

    @pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
    def test_what_cannot_change_in_place_replaces(self, graph: Graph, kind: type[HandledResource]):
        registered = graph.one(f"dynamic/twilio:{kind.__name__}")
        assert tuple(registered.request.replaceOnChanges) == kind.replaced_by
        assert set(kind.replaced_by) - {"domainSuffix", "workflowSid"} <= set(registered.inputs)


class TestFunctionService:
    def test_the_function_is_protected_and_its_source_is_this_repositorys(self, graph: Graph):
        function = graph.one("ServerlessDeployment").inputs["functions"]["conversation-name"]
        assert function == {
            "functionSid": "ZH1",
            "path": "/conversation-name",
            "visibility": "protected",
            "content": Path("twilio_functions/conversation-name.js").read_text(),
        }
        assert graph.one("ServerlessDeployment").inputs["runtime"] == "node22"

    def test_twilio_itself_gives_the_function_its_credentials(self, graph: Graph):
        assert graph.one("ServerlessService").inputs["includeCredentials"] is True
        assert graph.one("ServerlessVariable").inputs["key"] == "UI_CONNECTOR_URL"
        assert graph.one("ServerlessVariable").inputs["value"] == CONNECTOR

    def test_nobody_depends_on_what_changes_with_the_code(self, graph: Graph):
        deployment = graph.one("ServerlessDeployment").urn
        for each in graph:
            assert all(deployment not in urns for urns in each.property_dependencies.values()), each.name


class TestSiprec:
    def test_google_is_the_recording_server(self, graph: Graph):
        assert graph.one("dynamic/twilio:SiprecConnector").inputs["configuration"] == {
            "session_recording_server": (
                "sip:+15550100900@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"
            )
        }

    def test_one_setting_names_the_connector_in_both_places(self):
        graph = voice(siprecConnectorName="Other1")
        fork = graph.one("dynamic/twilio:StudioFlow").inputs["definition"]["widgets"]["fork_stream"]
        assert fork["properties"]["stream_connector"] == "Other1"
        for kind in ("SiprecConnector", "FormerSiprecConnector"):
            assert graph.one(f"dynamic/twilio:{kind}").inputs["uniqueName"] == "Other1"

    def test_consent_is_passed_on_and_not_assumed(self):
        assert voice(siprecAcceptTerms=False).one("dynamic/twilio:SiprecConnector").inputs["acceptTermsOfService"] is False

    def test_other_names_and_servers(self):
        server = "sip:{gtpPhoneNumber}@198.51.100.7:5061;transport=tls;secure=true"
        graph = voice(siprecServerSetting="server", siprecServer=server, siprecAddOnSid="XB" + "0" * 32)
        inputs = graph.one("dynamic/twilio:SiprecConnector").inputs
        assert inputs["configuration"] == {"server": "sip:+15550100900@198.51.100.7:5061;transport=tls;secure=true"}
        assert inputs["addOnSid"] == "XB" + "0" * 32

    def test_a_former_configuration_is_a_secret(self, graph: Graph):
        for kind in ("SiprecConnector", "FormerSiprecConnector"):
            assert graph.one(f"dynamic/twilio:{kind}").additional_secret_outputs == {"former"}
        assert "former" in graph.one("dynamic/twilio:SiprecConnector").secret_inputs

    def test_what_answered_a_number_before_is_a_secret(self, graph: Graph):
        for kind in ("PhoneNumber", "FormerVoiceSettings"):
            assert graph.one(f"dynamic/twilio:{kind}").additional_secret_outputs == {"former"}
        assert "former" in graph.one("dynamic/twilio:PhoneNumber").secret_inputs


class TestFlow:
    def test_the_widgets_use_what_was_made(self, graph: Graph):
        widgets = graph.one("dynamic/twilio:StudioFlow").inputs["definition"]["widgets"]
        name = widgets["conversation_name"]["properties"]
        assert (name["service_sid"], name["environment_sid"], name["function_sid"]) == ("ZS1", "ZE1", "ZH1")
        assert name["url"] == "https://ui-connector-auth-1234.twil.io/conversation-name"
        assert (widgets["SendCallToAgent"]["properties"]["workflow"], widgets["SendCallToAgent"]["properties"]["channel"]) == (
            "WW1",
            "TC1",
        )
        assert "projects/my-project-1234/locations/global/" in name["parameters"]["conversationName"]

    def test_only_the_texts_that_hold_an_unknown_value_are_unknown(self):
        widgets = voice(preview=True).one("dynamic/twilio:StudioFlow").inputs["definition"]["widgets"]
        assert widgets["conversation_name"]["properties"]["url"] == UNKNOWN
        assert widgets["conversation_name"]["transitions"] == {"success": "fork_stream", "fail": "fork_stream"}
        assert widgets["fork_stream"]["properties"]["stream_connector"] == "SipRec1"

    def test_the_number_follows_the_flows_id_and_nothing_that_a_save_changes(self, graph: Graph):
        number = graph.one("dynamic/twilio:PhoneNumber")
        assert {key: value for key, value in number.inputs.items() if key != "__provider"} == {
            "phoneNumber": "+15550100200",
            "flowSid": "FW1",
            "former": {"voiceUrl": "", "voiceMethod": "POST"},
        }

    def test_a_chosen_workflow(self):
        assert voice(flexWorkflowSid="WW" + "0" * 32).one("FlexWorkflow").inputs["workflowSid"] == "WW" + "0" * 32

    def test_every_placeholder_that_the_settings_allow_has_a_value(self, tmp_path: Path):
        # A flow that uses all of them: the settings accept it, and so must the component.
        flow = tmp_path / "all.json"
        text = (Path("studio_flows/voice_ivr.json")).read_text()
        flow.write_text(text.replace("Voice IVR with", " ".join(f"${{{name}}}" for name in PLACEHOLDERS)))
        description = voice(studioFlow=str(flow)).one("dynamic/twilio:StudioFlow").inputs["definition"]["description"]
        assert "${" not in description and CONNECTOR in description and "main +15550100200" in description

    def test_the_guides_flow_is_a_secret_as_a_whole(self):
        file = "studio_flows/voice_ivr_as_in_the_guide.json"

        def program() -> None:
            values = {name: pulumi.Output.from_input(name) for name in PLACEHOLDERS}
            secret = {"twilio_auth_token": SECRET}
            StudioFlow("f", resource_name="r", file=file, friendly_name="F", values=values, secret_values=secret, needs=[])

        flow = record(program).one("dynamic/twilio:StudioFlow")
        assert flow.secret_inputs == {"definition"}
        assert SECRET in flow.inputs["definition"]["widgets"]["register_twilio"]["properties"]["body"]

    def test_a_flow_that_needs_more_than_there_is_says_so(self):
        file = "studio_flows/voice_ivr_as_in_the_guide.json"
        with pytest.raises(FlowError, match=r"no value for .*\$\{twilio_auth_token\}"):
            record(lambda: StudioFlow("f", resource_name="r", file=file, friendly_name="F", values={}, needs=[]))
        assert "register_twilio" in load(Path(file))["widgets"]


class TestSecrets:
    @pytest.mark.parametrize("preview", [False, True])
    def test_the_api_key_is_in_no_resource(self, preview: bool):
        for each in voice(preview=preview):
            assert SECRET not in str(each.request), each.name

    @pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
    def test_the_pickled_provider_is_a_plain_reference(self, kind: type[HandledResource]):
        with pickler.left_as_it_was():
            text = base64.b64decode(serialize_provider(HandlerProvider(kind.handler)))
        words = [arg for opcode, arg, _ in pickletools.genops(text) if isinstance(arg, str)]
        assert set(words) == {"providers.dynamic", "HandlerProvider", "_path", kind.handler}
        assert isinstance(pickle.loads(text), HandlerProvider)  # noqa: S301 - made two lines above

    @pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
    def test_the_handler_exists(self, kind: type[HandledResource]):
        module, _, name = kind.handler.partition(":")
        handler = getattr(__import__(module, fromlist=[name]), name)
        assert all(hasattr(handler, method) for method in ("check", "find", "create", "read", "update", "delete"))
