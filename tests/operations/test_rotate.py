"""Rotating the OAuth app's key and secret: at every moment the page holds a pair that signs in; a cut-off run goes on.

The watcher looks into the org after every single call: that is the promise to the agents. The sweep cuts the connection
at every write, before and after its effect.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import requests
from click.testing import CliRunner

from operations.cli import voice
from operations.rotate_oauth import Rotation, RotationProblem, rotate
from providers.salesforce import client as client_module
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import Connection
from providers.salesforce.staged_credentials import StagedCredentials
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.salesforce.org import VIEW_CLIENT_SECRET
from tests.providers.salesforce.conftest import ADMIN, settings_of
from tests.providers.salesforce.runs import PAGE, State, up

# Stage, the page's deployment, rotate; with --revoke the old pair's end too.
WRITES = 4
_WRITE = {"method": "POST|PATCH|DELETE", "path": "^/services/data/"}


class Watcher:
    """Looks after every call whether the page's pair signs in; can break the connection for good."""

    def __init__(self, org: SalesforceStandIn) -> None:
        self.org, self.dead, self.looks = org, False, 0

    def pair(self) -> dict[str, str]:
        page = self.org.org.store.get("FlexiPage", PAGE)
        assert page is not None
        instances = [
            item["componentInstance"] for region in page.values["flexiPageRegions"] for item in region["itemInstances"]
        ]
        given = [each for instance in instances for each in instance.get("componentInstanceProperties", [])]
        return {each["name"]: each["value"] for each in given if each["name"].startswith("consumer")}

    def look(self) -> None:
        self.looks += 1
        pair = self.pair()
        assert self.org.org.store.credentials["lwc_auth"].pairs().get(pair["consumerKey"]) == pair["consumerSecret"]

    def patched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = requests.Session.send

        def send(session: requests.Session, request: Any, **kwargs: Any) -> requests.Response:
            if self.dead:
                raise requests.ConnectionError("dead")
            try:
                return real(session, request, **kwargs)
            except requests.RequestException:
                self.dead = True
                raise
            finally:
                self.look()

        monkeypatch.setattr(requests.Session, "send", send)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("providers.salesforce.deploy._FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr("providers.salesforce.retrieve._FIRST_WAIT_SECONDS", 0.01)
    yield
    client_module._clients.clear()


@pytest.fixture
def org() -> Iterator[SalesforceStandIn]:
    with SalesforceStandIn(ADMIN, pending=0.0, running=0.01) as standin:
        yield standin


class Stack:
    """A deployed stack without an engine: what its state knows, and how it takes over what the org has."""

    def __init__(self, org: SalesforceStandIn) -> None:
        self.org, self.state, self.said, self.taken_over = org, State(), [], 0
        up(self.client(), self.state)

    def client(self, **other: str) -> SalesforceClient:
        return SalesforceClient(Connection.of(settings_of(self.org, **other)))

    @property
    def known(self) -> str:
        return self.state.values["credentials"]["consumerKey"]

    def take_over(self) -> None:
        self.taken_over += 1
        first = StagedCredentials(self.client(), "lwc_auth").primary()
        self.state.values["credentials"] |= {"consumerKey": first.key, "consumerSecret": first.secret}

    def rotation(self, **other: str) -> Rotation:
        return Rotation(self.client(**other), "lwc_auth", PAGE, self.known)

    def rotate(self, revoke: bool = False, rotation: Rotation | None = None) -> dict[str, Any]:
        return rotate(rotation or self.rotation(), self.take_over, revoke, self.said.append)


@pytest.fixture
def stack(org: SalesforceStandIn) -> Stack:
    return Stack(org)


@pytest.fixture
def watcher(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Watcher:
    made = Watcher(stack.org)
    made.patched(monkeypatch)
    return made


def pairs(org: SalesforceStandIn) -> Any:
    return org.org.store.credentials["lwc_auth"]


def cut(org: SalesforceStandIn, nth: int, when: str) -> None:
    """Break the connection at the nth write (from 1), before or after its effect."""
    passing = [{**_WRITE, "when": when, "action": "slow", "times": nth - 1}] if nth > 1 else []
    httpx.post(f"{org.url}/_standin/faults", json=[*passing, {**_WRITE, "when": when, "action": "drop"}]).raise_for_status()


def refuse(org: SalesforceStandIn, method: str, path: str, status: int) -> None:
    """Answer the next such call with a refusal."""
    fault = {"method": method, "path": path, "when": "before", "action": "status", "status": status}
    httpx.post(f"{org.url}/_standin/faults", json=[fault]).raise_for_status()


class TestRotation:
    def test_the_new_pair_is_the_first_one_and_the_old_one_lives_on(self, stack: Stack, watcher: Watcher) -> None:
        old = pairs(stack.org)
        assert stack.rotate() == {"rotated": True, "resumed": False, "revoked": False}
        now = pairs(stack.org)
        assert now.key != old.key
        assert (now.staged.key, now.staged.state) == (old.key, "Rotated")
        assert watcher.pair() == {"consumerKey": now.key, "consumerSecret": now.secret}
        assert (stack.taken_over, stack.known) == (1, now.key)
        assert watcher.looks > 8

    def test_nothing_else_of_the_page_changes(self, stack: Stack, watcher: Watcher) -> None:
        def page() -> str:
            secret, key = watcher.pair()["consumerSecret"], watcher.pair()["consumerKey"]
            return repr(stack.org.org.store.get("FlexiPage", PAGE).values).replace(secret, "SECRET").replace(key, "KEY")

        before = page()
        stack.rotate()
        assert page() == before

    def test_revoked_the_old_pair_signs_in_no_longer(self, stack: Stack, watcher: Watcher) -> None:
        old = pairs(stack.org)
        stack.rotate(revoke=True)
        assert pairs(stack.org).staged is None
        assert old.key not in pairs(stack.org).pairs()

    def test_the_next_one_makes_room_for_itself(self, stack: Stack, watcher: Watcher) -> None:
        stack.rotate()
        first = pairs(stack.org)
        assert stack.rotate()["resumed"] is False
        assert pairs(stack.org).staged.key == first.key

    def test_a_pair_that_somebody_staged_and_forgot_makes_way(self, stack: Stack, watcher: Watcher) -> None:
        forgotten = StagedCredentials(stack.client(), "lwc_auth").stage()
        stack.rotate()
        assert forgotten.key not in pairs(stack.org).pairs()

    def test_a_page_on_the_pair_that_goes_gets_the_first_one_before(self, stack: Stack, watcher: Watcher) -> None:
        """Somebody put an old page back: it signs in until the old pair is dropped."""
        page = stack.org.org.store.get("FlexiPage", PAGE)
        stack.rotate()
        draft = stack.org.org.store.copy()
        draft.components[page.key] = page
        stack.org.org.replace_store(draft)
        stack.rotate(revoke=True)
        assert watcher.pair()["consumerKey"] == pairs(stack.org).key

    def test_no_word_holds_a_secret(self, stack: Stack, watcher: Watcher) -> None:
        old = pairs(stack.org)
        stack.rotate(revoke=True)
        text = " ".join(stack.said)
        assert len(stack.said) >= 4
        for each in (old, pairs(stack.org)):
            assert each.key not in text
            assert each.secret not in text
        assert pairs(stack.org).secret not in repr(StagedCredentials(stack.client(), "lwc_auth").primary())


class TestCutOff:
    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("nth", range(1, WRITES + 1))
    def test_the_same_command_again_ends_it(
        self, stack: Stack, watcher: Watcher, monkeypatch: pytest.MonkeyPatch, nth: int, when: str
    ) -> None:
        monkeypatch.setattr(client_module, "_PAUSES", (0.0,))
        monkeypatch.setattr("providers.salesforce.deploy._LOST_POLLS", 1)
        old = pairs(stack.org)
        cut(stack.org, nth, when)
        with contextlib.suppress(RotationProblem):
            stack.rotate(revoke=True)
        assert watcher.dead, "the fault must have struck"
        watcher.dead = False
        stack.rotate(revoke=True)
        now = pairs(stack.org)
        assert now.staged is None
        assert now.key != old.key
        assert watcher.pair()["consumerKey"] == now.key == stack.known

    def test_cut_off_with_the_new_pair_on_the_page(self, stack: Stack, watcher: Watcher) -> None:
        refuse(stack.org, "PATCH", "staged", 400)
        with pytest.raises(RotationProblem, match="Run the same command again"):
            stack.rotate()
        assert watcher.pair()["consumerKey"] == pairs(stack.org).staged.key
        assert stack.rotate()["resumed"] is True
        assert watcher.pair()["consumerKey"] == pairs(stack.org).key

    def test_cut_off_before_the_stack_knew(self, stack: Stack, watcher: Watcher) -> None:
        def broken() -> None:
            raise RotationProblem("the state could not be written")

        with pytest.raises(RotationProblem):
            rotate(stack.rotation(), broken, False, stack.said.append)
        key = pairs(stack.org).key
        assert stack.rotate()["resumed"] is True
        assert (pairs(stack.org).key, stack.known) == (key, key)

    def test_a_page_that_is_refused_leaves_everything_as_it_was(self, stack: Stack, watcher: Watcher) -> None:
        before = httpx.get(f"{stack.org.url}/_standin/snapshot").json()
        refuse(stack.org, "POST", "deployRequest", 403)
        with pytest.raises(RotationProblem):
            stack.rotate()
        assert httpx.get(f"{stack.org.url}/_standin/snapshot").json() == before


class TestRefused:
    def test_an_org_that_does_not_allow_it_says_what_to_do_by_hand(self, stack: Stack, watcher: Watcher) -> None:
        stack.org.org.permissions[stack.org.org.user_named(ADMIN)["Id"]].discard(VIEW_CLIENT_SECRET)
        with pytest.raises(RotationProblem) as caught:
            stack.rotate()
        told = str(caught.value)
        assert "nothing was changed" in told
        assert "View Client Secret" in told
        assert "pulumi config set --secret oauthConsumerKey" in told

    def test_the_app_that_signs_in_here_is_not_rotated(self, stack: Stack, watcher: Watcher) -> None:
        rotation = stack.rotation()
        own = replace(rotation.org.connection, client_id=stack.known)
        with pytest.raises(RotationProblem, match="lock the stack out"):
            stack.rotate(rotation=replace(rotation, org=SalesforceClient(own)))
        assert pairs(stack.org).staged is None

    def test_a_page_without_the_component(self, stack: Stack) -> None:
        with pytest.raises(RotationProblem, match="pulumi refresh"):
            stack.rotate(rotation=replace(stack.rotation(), page="Contact_Record_Page_Sales"))
        assert pairs(stack.org).staged is None


class TestCommand:
    def test_without_a_command_it_lists_what_can_be_rotated(self) -> None:
        told = CliRunner().invoke(voice, ["rotate"])
        assert told.exit_code == 0
        assert "voice rotate oauth" in told.output
        assert "signingKeyGeneration" in told.output

    @pytest.mark.parametrize("name", ["twilioApiKeySecret", "salesforcePrivateKey", "salesforceClientSecret"])
    def test_it_also_says_how_the_stacks_own_credentials_are_changed(self, name: str) -> None:
        told = CliRunner().invoke(voice, ["rotate"]).output
        (line,) = [each for each in told.splitlines() if name in each]
        # Tried out before the old one goes.
        assert line.index(name) < line.index("pulumi preview") < line.index("; then ")

    def test_a_stack_that_cannot_be_asked_is_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VOICE_ENGINE", "/bin/false")
        told = CliRunner().invoke(voice, ["rotate", "oauth", "--stack", "none"])
        assert told.exit_code == 1
        assert len(told.output.strip().splitlines()) == 1


def test_the_handlers_client_is_the_one_of_the_settings(org: SalesforceStandIn) -> None:
    """Staged pairs need a newer API than the rest; everything else of the connection stays."""
    client = SalesforceHandler.connect(settings_of(org)).client
    made: Callable[[], str] = lambda: StagedCredentials(client, "lwc_auth")._client.version  # noqa: E731
    assert (client.version, made()) == ("63.0", "65.0")
