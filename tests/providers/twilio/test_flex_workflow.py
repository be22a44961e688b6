"""The look-up in Flex: its default, a chosen workflow, and clear words where Flex or a part of it is not there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import ClassVar

import httpx
import pytest

from providers.handler import VendorError
from providers.twilio.client import connect
from providers.twilio.flex_workflow import FlexWorkflowHandler
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.taskrouter.state import TaskQueue, Workflow
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


def workflow(account: Account, name: str, queue: str, *filters: dict[str, str]) -> str:
    """Another workflow of Flex's workspace: everything to `queue`, but for what the filters take."""
    router = account.standin.taskrouter
    routing = {"task_routing": {"filters": list(filters), "default_filter": {"queue": queue}}}
    made = Workflow(sid=new_sid("WW"), friendly_name=name, configuration=json.dumps(routing))
    return router.flex.workflows.add(made).sid


def queue(account: Account, name: str) -> str:
    made = TaskQueue(sid=new_sid("WQ"), friendly_name=name, target_workers="1==1")
    return account.standin.taskrouter.flex.queues.add(made).sid


class TestByName:
    def test_a_workflow(self, account: Account, flex: FlexWorkflowHandler):
        sid = workflow(account, "Sales", queue(account, "Sales"))
        assert flex.create({"channel": "voice", "workflowName": "Sales"}).id == sid

    def test_one_that_is_not_there_names_those_that_are(self, account: Account, flex: FlexWorkflowHandler):
        (fault,) = flex.vendor_faults({"channel": "voice", "workflowName": "Sale"})
        assert "no workflow named 'Sale'; it has Assign to Anyone." in fault.reason

    def test_two_of_the_name(self, account: Account, flex: FlexWorkflowHandler):
        sids = [workflow(account, "Sales", queue(account, each)) for each in ("a", "b")]
        with pytest.raises(VendorError, match="2 workflows are named 'Sales'") as caught:
            flex.create({"channel": "voice", "workflowName": "Sales"})
        assert all(sid in str(caught.value) for sid in sids)

    def test_one_that_was_renamed_is_looked_up_again(self, account: Account, flex: FlexWorkflowHandler):
        sid = workflow(account, "Sales", queue(account, "Sales"))
        given = {"channel": "voice", "workflowName": "Sales"}
        made = flex.create(given)
        assert flex.read(sid, {**given, **made.outputs}).inputs == given
        account.standin.taskrouter.flex.workflows.get(sid).friendly_name = "Marketing"
        assert flex.read(sid, {**given, **made.outputs}) is None


class TestByQueue:
    GIVEN: ClassVar[dict[str, str]] = {"channel": "voice", "queue": "Night"}

    def test_the_workflow_that_sends_everything_there(self, account: Account, flex: FlexWorkflowHandler):
        night = queue(account, "Night")
        workflow(account, "some", night, {"expression": "vip == 1", "targets": "…"})
        sid = workflow(account, "all", night)
        assert flex.create(self.GIVEN).id == sid

    def test_of_several_that_do_the_oldest(self, account: Account, flex: FlexWorkflowHandler):
        night = queue(account, "Night")
        sids = [workflow(account, name, night) for name in ("a", "b")]
        account.standin.taskrouter.flex.workflows.get(sids[1]).date_created -= timedelta(days=1)
        assert flex.create(self.GIVEN).id == sids[1]

    def test_none_that_does(self, account: Account, flex: FlexWorkflowHandler):
        queue(account, "Night")
        (fault,) = flex.vendor_faults(self.GIVEN)
        assert "no workflow of Flex's workspace sends every task to the queue 'Night'" in fault.reason
        assert "no filter, and that queue as its default" in fault.reason

    def test_no_such_queue(self, flex: FlexWorkflowHandler):
        (fault,) = flex.vendor_faults(self.GIVEN)
        assert "has no queues named 'Night'; it has Everyone." in fault.reason

    def test_a_workflow_that_leads_elsewhere_by_now(self, account: Account, flex: FlexWorkflowHandler):
        sid = workflow(account, "all", queue(account, "Night"))
        made = flex.create(self.GIVEN)
        assert flex.read(sid, {**self.GIVEN, **made.outputs}).inputs == self.GIVEN
        everyone = account.standin.taskrouter.everyone.sid
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": everyone}}}
        account.standin.taskrouter.flex.workflows.get(sid).configuration = json.dumps(routing)
        assert flex.read(sid, {**self.GIVEN, **made.outputs}) is None


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
