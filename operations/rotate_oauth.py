"""A new consumer key and secret for the OAuth app, without a moment in which the agents' page holds a pair that does not work.

An app may have two pairs that both sign in. So: a second pair is made, the page gets it, the two change places, the stack
takes over what the org has; at last, where that is wanted, the old pair is dropped. At every point the page holds one of
the two. What the org has tells how far a run came that was cut off, so that the next one goes on from there, on whatever
machine it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from providers.handler import VendorError
from providers.salesforce.client import SalesforceClient
from providers.salesforce.oauth_credentials import closed
from providers.salesforce.page_credentials import key_on, put_on
from providers.salesforce.refusals import SalesforceRefusal
from providers.salesforce.sign_in import asked_for_token
from providers.salesforce.staged_credentials import ACTIVE, ROTATED, Pair, StagedCredentials, StagedPair

Say = Callable[[str], None]

BY_HAND = (
    "By hand: in Setup > External Client App Manager, open {app}, Settings > OAuth Settings > Consumer Key and Secret (an "
    "e-mailed code confirms it is you), stage a new pair, then: pulumi config set --secret oauthConsumerKey …; "
    "pulumi config set --secret oauthConsumerSecret …; pulumi up; and only then apply the new pair in Setup"
)


class RotationProblem(Exception):
    """Why nothing was rotated, or what remains to be done; one paragraph, without a secret."""


@dataclass(frozen=True)
class Rotation:
    """The app and the page of one stack. known_key: the consumer key that the stack's state holds."""

    org: SalesforceClient
    app: str
    page: str
    known_key: str


def rotate(rotation: Rotation, take_over: Callable[[], None], revoke: bool, say: Say) -> dict[str, Any]:
    """Does what is left to be done, and answers it: {"rotated", "resumed", "revoked"}.

    take_over: makes the stack hold what the org has. revoke: whether the old pair is refused from now on; otherwise it
    signs in for 30 days more, for pages that are open. Raises RotationProblem.
    """
    try:
        return _Run(rotation, take_over, say).run(revoke)
    except SalesforceRefusal as refused:
        if closed(refused):
            raise RotationProblem(
                f"the org does not let the credentials of {rotation.app} be rotated ({refused.code or refused.status}); nothing was "
                "changed. Fix: give the signing-in user External Client App Developer and View Client Secret, and switch on Setup > "
                "External Client App Settings > Allow access to External Client App consumer secrets via REST API. "
                + BY_HAND.format(app=rotation.app)
            ) from None
        raise RotationProblem(f"{refused} Run the same command again: it goes on from where it stands.") from None
    except VendorError as error:
        raise RotationProblem(f"{error} Run the same command again: it goes on from where it stands.") from None


class _Run:
    def __init__(self, rotation: Rotation, take_over: Callable[[], None], say: Say) -> None:
        self._rotation, self._take_over, self._say = rotation, take_over, say
        self._pairs = StagedCredentials(rotation.org, rotation.app)

    def run(self, revoke: bool) -> dict[str, Any]:
        first, staged = self._pairs.primary(), self._pairs.staged()
        # Before anything is made: a page that cannot take a pair is told now.
        self._on_page()
        if self._rotation.org.connection.client_id == first.key:
            raise RotationProblem(
                f"{self._rotation.app} is the very app that this stack signs in with (salesforceClientId), so rotating it would lock the "
                "stack out. Fix: sign in with an app of its own"
            )
        resumed = self._began(first, staged)
        if not resumed:
            self._clear_the_way(first, staged)
            self._switch(first)
        elif staged and staged.state == ACTIVE:
            self._say("A rotation that was cut off had put the new pair on the page; going on from there.")
            self._pairs.rotate(staged.id)
        else:
            self._say("A rotation that was cut off had changed the pairs already; going on from there.")
            self._show(first)
        self._take_over()
        self._say("The stack holds the new pair.")
        if revoke:
            self._revoke()
        return {"rotated": True, "resumed": resumed, "revoked": revoke}

    def _began(self, first: Pair, staged: StagedPair | None) -> bool:
        """Did a run that was cut off come so far that there is only one way on?"""
        if staged is None:
            return False
        if staged.state == ACTIVE:
            return self._on_page() == staged.key
        return staged.state == ROTATED and self._rotation.known_key == staged.key != first.key

    def _clear_the_way(self, first: Pair, staged: StagedPair | None) -> None:
        """There is room for one second pair; the page must not hold the one that goes."""
        if staged is None:
            return
        if self._on_page() == staged.key:
            self._show(first)
        self._pairs.drop(staged.id)
        self._say("Dropped the pair that an earlier rotation had left.")

    def _switch(self, old: Pair) -> None:
        new = self._pairs.stage()
        try:
            if self._signs_in(old) and not self._signs_in(new):
                raise RotationProblem("the org made a new pair, but does not let it sign in; everything is as it was. Fix: run again")
            self._say("The org has a second pair, which signs in beside the first.")
            put_on(self._rotation.org, self._rotation.page, new)
        except (VendorError, RotationProblem):
            # Where the page's deployment went well after all, the pair is in use and stays.
            if self._on_page() != new.key:
                self._pairs.drop(new.id)
            raise
        self._say(f"The page {self._rotation.page} signs in with the new pair.")
        self._pairs.rotate(new.id)
        self._say("The new pair is the app's first one.")

    def _show(self, pair: Pair) -> None:
        if self._on_page() != pair.key:
            put_on(self._rotation.org, self._rotation.page, pair)

    def _revoke(self) -> None:
        staged = self._pairs.staged()
        if staged and staged.state != ACTIVE:
            self._pairs.drop(staged.id)
        self._say("The old pair signs in no longer: agents whose page is open reload it.")

    def _on_page(self) -> str:
        return key_on(self._rotation.org, self._rotation.page)

    def _signs_in(self, pair: Pair) -> bool:
        """Does the org give a token for it, asked from here? A rule about addresses may forbid both pairs."""
        form = {"grant_type": "client_credentials", "client_id": pair.key, "client_secret": pair.secret}
        try:
            answer = asked_for_token(self._rotation.org.connection.base_url, form)
        except requests.RequestException:
            return False
        return answer.status_code == 200
