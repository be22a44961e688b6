"""The SIPREC connector, a Marketplace add-on: it forks a call's media to Google's session recording server.

Installing accepts Twilio's terms, so it happens only by an explicit setting. A connector of the wanted name that was
there before is adopted, and needs no consent: whoever installed it gave theirs. Destroy puts its configuration back
instead of uninstalling it.
Source: twilio.com/docs/voice/twiml/siprec and twilio.com/docs/marketplace/api.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.rest import Client

from providers.handler import Fault, Live, Made, Properties, VendorError, known
from providers.twilio.add_on_schema import configuration_faults
from providers.twilio.base import TwilioHandler
from providers.twilio.errors import VENDOR
from providers.twilio.stream_connectors import available, extensions_of, installed, used_in_voice, voice_extension

_NO_CONSENT = (
    "installing the SIPREC connector accepts Twilio's terms for it (Console > Marketplace > SIPREC Connector). "
    "Whoever may do so says `pulumi config set siprecAcceptTerms true`, or installs it there under this name"
)
_CONFIGURED_BY = "Fix: siprecServerSetting is what the add-on calls its session recording server, siprecServer that server's address"


@dataclass(frozen=True)
class SiprecConnector:
    """uniqueName: what a flow's Fork Stream widget names. configuration: the add-on's own settings.

    useInVoice: whether calls may use it. former: what FormerSiprecConnector recorded. addOnSid: XB…, or none to find it.
    """

    uniqueName: str
    configuration: dict[str, Any]
    acceptTermsOfService: bool
    useInVoice: bool
    former: dict[str, Any] = field(repr=False)
    addOnSid: str | None = None


class SiprecConnectorHandler(TwilioHandler):
    """Natural key: uniqueName. Id: XE…. No computed outputs."""

    Inputs = SiprecConnector

    # What was there before is known only once it is recorded; consent and configuration can be looked at earlier.
    asks_with_gaps = True

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """Whether the connector is there, or may be installed and takes the configuration."""
        if not self.complete({"former": {}, **inputs}) or not self.twilio.has_credentials:
            return []
        wanted = self.wanted({"former": {}, **inputs})
        if installed(self.twilio, wanted.uniqueName):
            # The Console also installs what the API does not list; there is no schema to hold the configuration against.
            return []
        if not wanted.acceptTermsOfService:
            return [Fault("acceptTermsOfService", _NO_CONSENT)]
        # A configuration whose only value is not known yet comes without it.
        return self._faults(wanted, available(self.twilio, wanted.addOnSid)) if wanted.configuration else []

    def find(self, inputs: Properties) -> Made | None:
        found = installed(self.twilio, self.wanted(inputs).uniqueName)
        return Made(found.sid) if found else None

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        made = self.find(inputs) or self._install(wanted, inputs)
        self._bring_about(made.id, wanted)
        return made

    def read(self, id: str, state: Properties) -> Live | None:
        live = self._fetch(id)
        if live is None:
            return None
        inputs = known(SiprecConnector, state)
        # Only the settings that are ours: others have the add-on's defaults, and credentials are never told.
        ours = {**inputs["configuration"], **_common(live.configuration or {}, inputs["configuration"])}
        use = used_in_voice(self.twilio, id)
        return Live({**inputs, "uniqueName": live.unique_name, "configuration": ours, "useInVoice": use})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._bring_about(id, self.wanted(inputs))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        former = self.wanted(state).former
        if not former.get("installed"):
            self.twilio.found(lambda client: client.marketplace.v1.installed_add_ons(id).delete())
        elif (live := self._fetch(id)) is not None:
            if (live.configuration or {}) != former["configuration"]:
                self._configure(id, former["configuration"])
            self._use_in_voice(id, former["useInVoice"])

    def _fetch(self, id: str) -> Any | None:
        return self.twilio.found(lambda client: client.marketplace.v1.installed_add_ons(id).fetch())

    def _install(self, wanted: SiprecConnector, inputs: Properties) -> Made:
        if not wanted.acceptTermsOfService:
            raise VendorError(VENDOR, f"{_NO_CONSENT}.")
        add_on = available(self.twilio, wanted.addOnSid)
        # Twilio must not say yes to what cannot be used afterwards.
        if faults := self._faults(wanted, add_on):
            told = "; ".join(f"{fault.property}: {fault.reason}" for fault in faults)
            raise VendorError(VENDOR, f"the SIPREC connector cannot be installed. {told}")

        def install(client: Client) -> Made:
            add_ons = client.marketplace.v1.installed_add_ons
            return Made(
                add_ons.create(
                    available_add_on_sid=add_on.sid,
                    accept_terms_of_service=wanted.acceptTermsOfService,
                    configuration=wanted.configuration,
                    unique_name=wanted.uniqueName,
                ).sid
            )

        return self.twilio.make(install, lambda: self.find(inputs))

    def _faults(self, wanted: SiprecConnector, add_on: Any) -> list[Fault]:
        found = configuration_faults(add_on.configuration_schema or {}, wanted.configuration)
        faults = [Fault(each.property, f"{each.reason}. {_CONFIGURED_BY}") for each in found]

        def listed(client: Client) -> list[Any]:
            return client.marketplace.v1.available_add_ons(add_on.sid).extensions.list()

        if voice_extension(self.twilio.ask(listed)) is None:
            why = f"{add_on.friendly_name} cannot be used in voice calls. Fix: `pulumi config rm siprecAddOnSid`"
            faults.append(Fault("addOnSid", why))
        return faults

    def _bring_about(self, id: str, wanted: SiprecConnector) -> None:
        live = self._fetch(id)
        if live is None:
            remedy = "`pulumi refresh`, then `pulumi up` installs it again"
            raise VendorError(VENDOR, f"the SIPREC connector {wanted.uniqueName} was uninstalled.", remedy)
        add_on = (live.links or {}).get("available_add_on", "")
        if wanted.addOnSid and add_on and not add_on.endswith(wanted.addOnSid):
            cause = f"the connector {wanted.uniqueName} is of another add-on than {wanted.addOnSid}, which cannot change."
            raise VendorError(VENDOR, cause, "`pulumi config set siprecConnectorName` to a new name installs a new one")
        configuration = live.configuration or {}
        # Twilio replaces the whole configuration, and with it credentials that it never tells: only when it must be.
        if _common(configuration, wanted.configuration) != wanted.configuration:
            self._configure(id, {**configuration, **wanted.configuration})
        self._use_in_voice(id, wanted.useInVoice)

    def _configure(self, id: str, configuration: Mapping[str, Any]) -> None:
        self.twilio.ask(lambda client: client.marketplace.v1.installed_add_ons(id).update(configuration=dict(configuration)))

    def _use_in_voice(self, id: str, use: bool) -> None:
        extension = voice_extension(extensions_of(self.twilio, id))
        if extension is None:
            raise VendorError(VENDOR, "the SIPREC connector cannot be used in voice calls.", "see its page in the Marketplace")
        if extension.enabled != use:
            self.twilio.ask(lambda _: extension.update(enabled=use))


def _common(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in live.items() if key in wanted}
