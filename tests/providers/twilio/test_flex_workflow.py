"""The look-up in Flex: its default, a chosen workflow, and clear words where Flex or a part of it is not there."""

from __future__ import annotations

import httpx
import pytest

from providers.handler import VendorError
from providers.twilio.client import connect
from providers.twilio.flex_workflow import FlexWorkflowHandler
from tests.providers.twilio.account import Account


@pytest.fixture
def flex(account: Account) -> FlexWorkflowHandler:
    return FlexWorkflowHandler(account.twilio)


def test_the_default(account: Account, flex: FlexWorkflowHandler):
    made = flex.create({"channel": "voice"})
    router = account.standin.taskrouter
    assert made.id == router.assign_to_anyone.sid
    assert made.outputs == {"workspaceSid": router.flex.sid, "channelSid": router.flex.channel("voice").sid}
    assert account.calls("POST", "DELETE") == []


def test_a_chosen_workflow(account: Account, flex: FlexWorkflowHandler):
    chosen = account.standin.taskrouter.assign_to_anyone.sid
    assert flex.create({"channel": "voice", "workflowSid": chosen}).id == chosen


def test_without_a_default_the_one_that_flex_makes_is_taken(account: Account, flex: FlexWorkflowHandler):
    account.standin.flex.settings["taskrouter_target_workflow_sid"] = None
    assert flex.create({"channel": "voice"}).id == account.standin.taskrouter.assign_to_anyone.sid


class TestClearWords:
    @pytest.mark.parametrize("how", ["preview", "up"])
    def test_no_flex(self, account: Account, flex: FlexWorkflowHandler, how: str):
        account.standin.flex.settings["taskrouter_workspace_sid"] = None
        self._told(flex, how, {"channel": "voice"}, "this account has no Flex")

    @pytest.mark.parametrize("how", ["preview", "up"])
    def test_no_flex_configuration_at_all(self, account: Account, flex: FlexWorkflowHandler, how: str):
        account.faults({"method": "GET", "path": "/v1/Configuration", "status": 404, "times": 9})
        self._told(flex, how, {"channel": "voice"}, "this account has no Flex")

    def test_no_such_workflow(self, flex: FlexWorkflowHandler):
        self._told(flex, "up", {"channel": "voice", "workflowSid": "WW" + "0" * 32}, "no workflow WW0")

    def test_no_such_channel(self, flex: FlexWorkflowHandler):
        self._told(flex, "up", {"channel": "fax"}, "no task channel 'fax'")

    def test_no_default_workflow(self, account: Account, flex: FlexWorkflowHandler):
        account.standin.flex.settings["taskrouter_target_workflow_sid"] = None
        account.standin.taskrouter.assign_to_anyone.friendly_name = "Renamed"
        self._told(flex, "up", {"channel": "voice"}, "pulumi config set flexWorkflowSid")

    def test_a_sid_of_another_kind(self, flex: FlexWorkflowHandler):
        assert [fault.property for fault in flex.check({"workflowSid": "WQ" + "0" * 32})] == ["workflowSid"]

    def _told(self, flex: FlexWorkflowHandler, how: str, inputs: dict[str, str], words: str) -> None:
        if how == "preview":
            (fault,) = flex.vendor_faults(inputs)
            assert words in fault.reason
        else:
            with pytest.raises(VendorError, match=words):
                flex.create(inputs)


def test_without_credentials_a_preview_asks_nobody(account: Account):
    assert FlexWorkflowHandler(connect({})).vendor_faults({"channel": "voice"}) == []
    assert httpx.get(f"{account.standin.url}/_standin/calls").json() == []


def test_a_workflow_that_is_gone(account: Account, flex: FlexWorkflowHandler):
    made = flex.create({"channel": "voice"})
    state = {"channel": "voice", **made.outputs}
    assert flex.read(made.id, state).inputs == {"channel": "voice"}
    account.standin.taskrouter.flex.workflows.remove(made.id)
    assert flex.read(made.id, state) is None


def test_nothing_of_flex_is_ever_deleted(account: Account, flex: FlexWorkflowHandler):
    made = flex.create({"channel": "voice"})
    before = account.things()
    flex.delete(made.id, made.outputs)
    assert account.things() == before
