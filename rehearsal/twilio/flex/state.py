"""The Flex configuration that a new Flex account has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rehearsal.twilio.flex import errors
from rehearsal.twilio.records import Record, iso
from rehearsal.twilio.sids import new_sid
from rehearsal.twilio.snapshot import Thing
from rehearsal.twilio.taskrouter.state import TaskRouterState

URL = "https://flex-api.twilio.com/v1/Configuration"

_READ_ONLY = {"date_created", "date_updated", "url", "status", "service_version", "taskrouter_workspace_sid"}


class FlexState:
    """`settings` by the names of the answer; those of an update are merged into them one by one."""

    def __init__(self, taskrouter: TaskRouterState) -> None:
        self.record = Record(sid=taskrouter.account_sid)
        space = taskrouter.flex
        self.settings: dict[str, Any] = {
            "attributes": {},
            "status": "ok",
            "taskrouter_workspace_sid": space.sid,
            "taskrouter_target_workflow_sid": taskrouter.assign_to_anyone.sid,
            "taskrouter_target_taskqueue_sid": taskrouter.everyone.sid,
            "taskrouter_taskqueues": [{"sid": taskrouter.everyone.sid, "targettable": True}],
            "taskrouter_skills": [],
            "taskrouter_worker_channels": {},
            "taskrouter_worker_attributes": {},
            "taskrouter_offline_activity_sid": space.offline_activity_sid,
            "runtime_domain": "https://flex.twilio.com",
            "messaging_service_instance_sid": new_sid("MG"),
            "chat_service_instance_sid": new_sid("IS"),
            "flex_service_instance_sid": new_sid("IS"),
            "flex_instance_sid": new_sid("GO"),
            "ui_language": "en-US",
            "ui_attributes": {},
            "ui_dependencies": {},
            "ui_version": "~2.8.0",
            "service_version": "2.8.0",
            "call_recording_enabled": False,
            "call_recording_webhook_url": None,
            "crm_enabled": False,
            "crm_type": None,
            "crm_callback_url": None,
            "crm_fallback_url": None,
            "crm_attributes": None,
            "public_attributes": {},
            "plugin_service_enabled": True,
            "plugin_service_attributes": {},
            "integrations": [],
            "outbound_call_flows": {},
            "serverless_service_sids": [],
            "queue_stats_configuration": {},
            "notifications": {},
            "markdown": {},
            "flex_insights_hr": None,
            "flex_insights_drilldown": False,
            "flex_url": None,
            "channel_configs": [],
            "debugger_integration": {},
            "flex_ui_status_report": {},
            "agent_conv_end_methods": {},
            "citrix_voice_vdi": {},
            "offline_config": {},
        }

    def update(self, wanted: Any) -> None:
        """`wanted` must name the account. Raises TwilioError 400 for what Flex does not know or does not let be set."""
        if not isinstance(wanted, dict):
            raise errors.not_an_object()
        if wanted.get("account_sid") != self.record.sid:
            raise errors.other_account()
        changes = {name: value for name, value in wanted.items() if name != "account_sid"}
        for name in changes:
            if name not in self.settings or name in _READ_ONLY:
                raise errors.read_only(name)
        self.settings |= changes
        self.record.touch()

    def shape(self) -> dict[str, Any]:
        return {
            "account_sid": self.record.sid,
            "date_created": iso(self.record.date_created),
            "date_updated": iso(self.record.date_updated),
            **self.settings,
            "url": URL,
        }

    def things(self) -> Iterator[Thing]:
        told = {name: value for name, value in self.settings.items() if value and not _is_chance(name)}
        yield Thing("flex_configuration", "account", "", told)


def _is_chance(name: str) -> bool:
    """SIDs of things that are not played here would differ from account to account."""
    return name.endswith("_instance_sid") or name == "taskrouter_offline_activity_sid"
