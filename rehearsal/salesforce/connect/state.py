"""Consumer keys and secrets of the deployed apps, and their rotation by a staged pair.

Both pairs sign in, before the rotation and after it (a staged pair lives 30 days, which nothing here waits for). Sources:
Connect REST API 65.0, "App OAuth Staged Credentials"; that the old pair lives on is told by those who have rotated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rehearsal.salesforce.connect import errors
from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.org import ECA_DEVELOPER, MODIFY_METADATA, VIEW_CLIENT_SECRET, Org, Session
from rehearsal.salesforce.rules.external_client_app import APP
from rehearsal.salesforce.serving import needs, not_found
from rehearsal.salesforce.store import Component, Credentials, StagedPair


class AppCredentials:
    """Every refusal is an ApiError."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def apps(self, session: Session) -> list[Component]:
        """The apps that have OAuth."""
        needs(self._org, session, MODIFY_METADATA, "insufficient access rights on connected apps")
        return [each for each in self._org.store.of_type(APP) if each.full_name in self._org.store.credentials]

    def of_app(self, session: Session, identifier: str) -> tuple[Component, Credentials]:
        """An app by its identifier, 15 or 18 characters, with its credentials; the org's setting and the user must allow it."""
        if not self._org.store.setting("ExternalClientApp", "enableClientSecretInRestApiAccess"):
            raise errors.gate_closed()
        if not (self._org.may(session.user_id, ECA_DEVELOPER) and self._org.may(session.user_id, VIEW_CLIENT_SECRET)):
            raise errors.may_not()
        for app in self.apps(session):
            if is_id(identifier) and app.id == long_id(identifier):
                return app, self._org.store.credentials[app.full_name]
        raise not_found()

    def consumer(self, session: Session, identifier: str, consumer_id: str) -> tuple[Component, Credentials]:
        app, credentials = self.of_app(session, identifier)
        if not is_id(consumer_id) or long_id(consumer_id) != credentials.consumer_id:
            raise not_found()
        return app, credentials

    def stage(self, session: Session, identifier: str, consumer_id: str) -> StagedPair:
        """A new pair, which signs in at once."""
        app, credentials = self.consumer(session, identifier, consumer_id)
        if credentials.staged is not None:
            raise errors.staged_already()
        pair = StagedPair(self._org.ids.make("OauthConsumer"), Credentials.new_key(), Credentials.new_secret())
        self._keep(app, replace(credentials, staged=pair))
        return pair

    def staged(
        self, session: Session, identifier: str, consumer_id: str, staged_id: str
    ) -> tuple[Component, Credentials, StagedPair]:
        app, credentials = self.consumer(session, identifier, consumer_id)
        if credentials.staged is None or not is_id(staged_id) or credentials.staged.id != long_id(staged_id):
            raise not_found()
        return app, credentials, credentials.staged

    def rotate(self, session: Session, identifier: str, consumer_id: str, staged_id: str) -> StagedPair:
        """The two pairs change places. Answers the one that was the first, under an id of its own."""
        app, credentials, new = self.staged(session, identifier, consumer_id, staged_id)
        if new.state != "Active":
            raise errors.bad_command("only active staged credentials can be rotated")
        old = StagedPair(self._org.ids.make("OauthConsumer"), credentials.key, credentials.secret, "Rotated")
        self._keep(app, replace(credentials, key=new.key, secret=new.secret, staged=old))
        return old

    def discard(self, session: Session, identifier: str, consumer_id: str, staged_id: str) -> None:
        app, credentials, _ = self.staged(session, identifier, consumer_id, staged_id)
        self._keep(app, replace(credentials, staged=None))

    def _keep(self, app: Component, credentials: Credentials) -> None:
        draft = self._org.store.copy()
        draft.credentials[app.full_name] = credentials
        self._org.replace_store(draft)


def command_of(body: dict[str, Any]) -> str:
    """Raises ApiError for anything but the one command there is."""
    if body.get("command") != "rotate":
        raise errors.bad_command('the body must be {"command": "rotate"}')
    return "rotate"
