"""Flows that are not about an incoming call, and flows that are odd in one way or another."""

from __future__ import annotations

from tests.studio_flows.building import (
    Flow,
    ask,
    flow,
    gather,
    message,
    pairs,
    request,
    say,
    split,
    state,
    to_flex,
    trigger,
    variables,
)


def blank() -> Flow:
    return flow(trigger(), description="A New Flow")


def text_survey() -> Flow:
    return flow(
        trigger(incomingMessage="first", incomingRequest="first", incomingConversationMessage="first"),
        ask("first", "How did we do, {{flow.data.name | default: 'friend'}}? 1 to 5", "rated", timeout="bye"),
        split(
            "rated", "{{widgets.first.inbound.Body}}", "first", ("regex", "^[1-5]$", "second"), ("is_blank", "", "bye")
        ),
        ask("second", "Anything to add?", "save", timeout="save"),
        request(
            "save",
            "bye",
            "bye",
            body='{"rating": {{widgets.first.inbound.Body | to_json}}, "text": "{{widgets.second.inbound.Body}}"}',
        ),
        message("bye", "Thank you!"),
    )


def template_message() -> Flow:
    more = {
        "message_type": "content_template",
        "content_sid": "HX" + "9" * 32,
        "content_variables": pairs(name="{{contact.channel.address}}"),
    }
    sent = message("template", "", "", "plain", **more)
    del sent["properties"]["body"]
    return flow(trigger(incomingMessage="template"), sent, message("plain", "Hello", message_type="custom"))


def subflow() -> Flow:
    return flow(
        trigger(incomingParent="remember"),
        variables("remember", "ask", typed=True, asked="{{trigger.parent.parameters.asked | default: '0'}}"),
        gather("ask", "Your order's number, please.", "answer", "again"),
        variables("again", "enough", asked="{{flow.variables.asked | plus: 1}}"),
        split("enough", "{{flow.variables.asked}}", "ask", ("greater_than", "2", "answer")),
        variables("answer", "", order="{{widgets.ask.Digits | default: 'none'}}"),
    )


def reminder_by_phone() -> Flow:
    detection = dict.fromkeys(("machine_detection_speech_threshold", "machine_detection_silence_timeout"), "1000")
    return flow(
        trigger(incomingRequest="dial"),
        state(
            "dial",
            "make-outgoing-call-v2",
            {"answered": "remind", "busy": "text", "noAnswer": "text", "failed": "text"},
            to="{{contact.channel.address}}",
            record=False,
            timeout=60,
            detect_answering_machine=False,
            machine_detection="Enable",
            send_digits="",
            sip_auth_username="",
            sip_auth_password="",
            trim="true",
            **detection,
            **{"from": "{{flow.channel.address}}"},
        ),
        gather("remind", "Your appointment is at {{flow.data.time}}. Press 1 to confirm.", "confirmed", "text"),
        say("confirmed", "Thank you."),
        message("text", "We tried to call you."),
    )


def unknown_types() -> Flow:
    return flow(
        trigger(incomingCall="new", incomingConversationMessage="start"),
        state(
            "new",
            "made-up-in-2031",
            {"whatever": "agent", "else": ""},
            deep=[{"er": [1, None, {"x": 1.5}]}],
            nothing=None,
        ),
        state(
            "start",
            "start-conversation",
            {"created": "agent", "failed": ""},
            participants=[{"type": "caller"}],
            timers_closed="PT10M",
        ),
        to_flex("agent"),
    )


def unicode_names() -> Flow:
    return flow(
        trigger(incomingCall="Begrüßung ☎"),
        say("Begrüßung ☎", "Grüß Gott \u2028 👋🏽 \u202eabc\u202c", "меню"),
        gather("меню", "Нажмите 1", "выбор", "Begrüßung ☎"),
        split("выбор", "{{widgets['меню'].Digits}}", "меню", ("equal_to", "１", "agent_🎧")),
        to_flex("agent_🎧"),
        description="Ünïcödé — “quotes”, \\backslashes\\, tabs\t and\nlines",
    )


def many_conditions() -> Flow:
    kinds = (
        "equal_to",
        "not_equal_to",
        "contains",
        "does_not_contain",
        "starts_with",
        "does_not_start_with",
        "matches_any_of",
        "is_not_blank",
    )
    kinds += (
        "does_not_match_any_of",
        "less_than",
        "greater_than",
        "is_before_time",
        "is_after_time",
        "is_before_date",
        "is_after_date",
        "regex",
    )
    branches = [(kinds[number % len(kinds)], str(number), f"city_{number % 7}") for number in range(96)]
    cities = [say(f"city_{number}", f"City {number}", "agent") for number in range(7)]
    return flow(
        trigger(incomingCall="zip"),
        gather("zip", "Your zip code?", "city", "zip"),
        split("city", "{{widgets.zip.Digits}}", "agent", *branches),
        *cities,
        to_flex("agent"),
    )


def chat_to_flex() -> Flow:
    sender, channel = "{{trigger.message.ChannelAttributes.from}}", "{{trigger.message.ChannelSid}}"
    names = f'{{"name": "{sender}", "channelSid": "{channel}", "more": {{{{trigger.message.ChannelAttributes | to_json}}}}}}'
    return flow(
        trigger(incomingMessage="greet", incomingConversationMessage="agent"),
        ask(
            "greet",
            "Welcome!",
            "agent",
            timeout="agent",
            attributes=names,
            channel="{{trigger.message.ChannelSid}}",
            service="{{trigger.message.InstanceSid}}",
        ),
        to_flex("agent", attributes=names),
    )


def older_export() -> Flow:
    """From before two of the trigger's events existed, and with a widget that Studio no longer offers."""
    made = flow(
        trigger(("incomingMessage", "incomingCall", "incomingRequest"), incomingMessage="bot"),
        state(
            "bot",
            "send-to-auto-pilot",
            {"sessionEnded": "", "failure": "", "timeout": ""},
            autopilot_assistant_sid="UA" + "5" * 32,
            body="{{trigger.message.Body}}",
            timeout=14400,
            memory_parameters=pairs(a="1"),
            **{"from": "{{flow.channel.address}}"},
        ),
    )
    made["$schema"] = "https://schemas.twilio.com/studio/draft/2019-09/flow-definition"
    made["states"][1]["properties"]["offset"] = {"x": -10.5, "y": 1e3}
    return made


def braces_of_others() -> Flow:
    """Texts that look like this program's placeholders and Liquid, and are neither."""
    return flow(
        trigger(incomingRequest="post"),
        request(
            "post",
            "post2",
            "post2",
            body='{"template": "$${name} costs $5", "nested": {"a": {"b": "{{flow.data.x}}"}}}',
        ),
        request("post2", "", "", body='{"re": "^\\\\d+$", "empty": "{}", "raw": "{% raw %}{{ kept }}{% endraw %}"}'),
    )


def huge() -> Flow:
    """As many widgets as Studio takes."""
    steps = [
        say(f"step_{number}", f"Step {number}", f"step_{number + 1}" if number < 996 else "agent")
        for number in range(997)
    ]
    return flow(trigger(incomingCall="step_0"), *steps, to_flex("agent", failing="sorry"), say("sorry", "Good-bye."))
