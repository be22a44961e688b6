"""Consumer keys and secrets of the deployed apps, and their rotation by a staged pair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rehearsal.salesforce.connect import errors
from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.org import ECA_DEVELOPER, MODIFY_METADATA, VIEW_CLIENT_SECRET, Org, Session
from rehearsal.salesforce.rules.external_client_app import APP
from rehearsal.salesforce.serving import needs, not_found
from rehearsal.salesforce.store import Component, Credentials


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

    def stage(self, session: Session, identifier: str, consumer_id: str) -> tuple[str, str, str]:
        """A new pair that waits: its id, key and secret."""
        app, credentials = self.consumer(session, identifier, consumer_id)
        pair = (self._org.ids.make("OauthConsumer"), Credentials.new_key(), Credentials.new_secret())
        self._keep(app, replace(credentials, staged=pair))
        return pair

    def staged(
        self, session: Session, identifier: str, consumer_id: str, staged_id: str
    ) -> tuple[Component, Credentials, tuple[str, str, str]]:
        app, credentials = self.consumer(session, identifier, consumer_id)
        if credentials.staged is None or not is_id(staged_id) or credentials.staged[0] != long_id(staged_id):
            raise not_found()
        return app, credentials, credentials.staged

    def rotate(self, session: Session, identifier: str, consumer_id: str, staged_id: str) -> None:
        """The staged pair becomes the app's; the old one is refused from now on."""
        app, credentials, (_, key, secret) = self.staged(session, identifier, consumer_id, staged_id)
        self._keep(app, replace(credentials, key=key, secret=secret, staged=None))

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
