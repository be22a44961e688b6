"""Fork Stream: the call's audio goes to the connector's recording server as well. It knows only `next`, whatever happens."""

from __future__ import annotations

from rehearsal.caller.definition import Widget
from rehearsal.caller.live import Live, Outcome
from rehearsal.caller.problem import CallProblem
from rehearsal.caller.twilio_account import TwilioAccount


def fork_stream(live: Live, widget: Widget) -> Outcome:
    properties = widget.properties
    if properties.get("stream_action") == "stop":
        return Outcome("next", "stream stopped")
    if properties.get("stream_transport_type") != "siprec":
        return Outcome("next", problem=f"widget {widget.name} forks to {properties.get('stream_transport_type')}, not to SIPREC")
    try:
        connector = live.liquid.render(properties.get("stream_connector", ""))
        address = _recording_server(live.account, widget, connector)
        parameters = live.liquid.rendered(properties.get("stream_parameters"))
        session = live.telephony.siprec(address, parameters)
    except CallProblem as problem:
        return Outcome("next", problem=str(problem))
    live.trace.conversation = session["conversation"]
    live.trace.conversation_profile = session.get("conversation_profile")
    live.trace.track = properties.get("stream_track") or "inbound_track"
    live.trace.taken = session
    return Outcome("next", f"SIPREC over {connector}, {live.trace.track}")


def _recording_server(account: TwilioAccount, widget: Widget, connector: str) -> str:
    """The SIP address in the configuration of the installed connector named exactly `connector`."""
    installed = {each["unique_name"]: each for each in account.list("/v1/InstalledAddOns", "installed_add_ons")}
    if connector not in installed:
        names = ", ".join(sorted(installed)) or "none"
        raise CallProblem(f"widget {widget.name} names connector {connector}, installed are {names}")
    add_on = installed[connector]
    extensions = account.list(f"/v1/InstalledAddOns/{add_on['sid']}/Extensions", "extensions")
    if not any(each.get("enabled") and "voice" in f"{each.get('product_name')}".lower() for each in extensions):
        raise CallProblem(f"connector {connector} ({add_on['sid']}) is not enabled for voice")
    for value in (add_on.get("configuration") or {}).values():
        if isinstance(value, str) and value.startswith(("sip:", "sips:")):
            return value
    raise CallProblem(f"connector {connector} ({add_on['sid']}) has no session recording server")
