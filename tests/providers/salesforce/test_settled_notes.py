"""The note of a cut-off deployment goes with the next run, also where the org has by then all that was wanted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from providers.salesforce import deploy as deploy_module
from providers.salesforce import journal
from providers.salesforce.oauth_cors import OauthCorsHandler
from rehearsal.salesforce import SalesforceStandIn

INPUTS = {"enabled": True, "former": False}


class Killed(BaseException):
    """The process is gone: nothing catches this."""


def _cut_off(connected: Callable[..., Any]) -> None:
    def gone(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(deploy_module._Run, "_finished", gone)
        connected(OauthCorsHandler).create(INPUTS)


def test_a_setting_that_took_effect_leaves_no_note(org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
    org.set_speed(0.0, 0.0)
    _cut_off(connected)
    assert len([*journal.folder().iterdir()]) == 1
    connected(OauthCorsHandler).create(INPUTS)
    assert [*journal.folder().iterdir()] == []


def test_notes_that_are_past_use_go_with_the_next_one(org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
    org.set_speed(0.0, 0.0)
    journal.folder().mkdir(parents=True)
    old, recent = (journal.folder() / f"00D00000000000{at}-note.json" for at in range(2))
    for note, hours in ((old, 25), (recent, 23)):
        note.write_text("{}")
        os.utime(note, (time.time() - hours * 3600,) * 2)
    connected(OauthCorsHandler).create(INPUTS)
    assert [*journal.folder().iterdir()] == [recent]
