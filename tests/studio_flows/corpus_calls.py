"""Flows that take calls, for other purposes than this program's."""

from __future__ import annotations

from tests.studio_flows.building import (
    FW,
    WW,
    Flow,
    flow,
    fork,
    function,
    gather,
    message,
    pairs,
    request,
    say,
    split,
    state,
    to_flex,
    trigger,
    voicemail,
)


def callback_and_voicemail() -> Flow:
    digits = "{{widgets.offer.Digits}}"
    return flow(
        trigger(incomingCall="offer"),
        gather("offer", "Press 1 to be called back, 2 to leave a message.", "chosen", "sorry", number_of_digits=1),
        split("chosen", digits, "offer", ("equal_to", "1", "callback"), ("equal_to", "2", "leave_message")),
        function(
            "callback", "thanks", "leave_message", numberToCall="{{trigger.call.From}}", flexFlowSid="{{flow.flow_sid}}"
        ),
        voicemail(
            "leave_message", "store", "sorry", recording_status_callback_url="https://callers-4711.twil.io/stored"
        ),
        function("store", "thanks", "sorry", recording="{{widgets.leave_message.RecordingUrl}}"),
        say("thanks", "Thank you. We will call you back."),
        say("sorry", "Sorry, that did not work. Good-bye."),
        description="Callback or voicemail",
    )


def opening_hours() -> Flow:
    status = "{{widgets.hours.parsed.status}}"
    return flow(
        trigger(incomingCall="hours", incomingMessage="hours_text"),
        function("hours", "open", "agent", timezone="Europe/Vienna"),
        split(
            "open", status, "closed", ("equal_to", "open", "agent"), ("matches_any_of", "holiday, sunday", "holiday")
        ),
        say("holiday", "{{widgets.hours.parsed.message}}"),
        say("closed", "We are closed."),
        to_flex(
            "agent",
            failing="closed",
            priority="0",
            timeout="3600",
            waitUrl="https://callers-4711.twil.io/wait",
            waitUrlMethod="GET",
        ),
        function("hours_text", "answer", "answer"),
        message("answer", "We are {{widgets.hours_text.parsed.status | default: 'closed'}}."),
    )


def language_menu() -> Flow:
    asked = "{{widgets.menu.Digits}}"
    return flow(
        trigger(incomingCall="menu"),
        gather(
            "menu",
            "For English press 1. Para español, oprima 2. 日本語は3を押してください。",
            "language",
            "menu",
            number_of_digits=1,
        ),
        split(
            "language",
            asked,
            "menu",
            ("equal_to", "1", "english"),
            ("equal_to", "2", "spanish"),
            ("equal_to", "3", "japanese"),
        ),
        say("english", "Hello", "agent", voice="Polly.Joanna", language="en-US"),
        say("spanish", "Buenos días, ¿qué tal?", "agent", voice="Polly.Lupe", language="es-US"),
        say("japanese", "お電話ありがとうございます。", "agent", voice="Polly.Mizuki", language="ja-JP"),
        to_flex(
            "agent",
            failing="busy",
            attributes='{"type": "inbound", "digits": "{{widgets.menu.Digits}}", "raw": {{widgets.menu.Digits}}}',
        ),
        say("busy", "All lines are busy."),
    )


def with_a_subflow() -> Flow:
    typed = [{"type": "string", "value": "true", "key": "urgent"}]
    called = state(
        "sub",
        "run-subflow",
        {"completed": "agent", "failed": "agent"},
        flow_sid=FW,
        flow_revision="LatestPublished",
        parameters=typed,
    )
    return flow(trigger(incomingCall="sub"), called, to_flex("agent"))


def recorded_call() -> Flow:
    on = {
        "record_call": True,
        "recording_status_callback": "https://callers-4711.twil.io/recorded",
        "recording_channels": "dual",
    }
    return flow(
        trigger(incomingCall="announce"),
        say("announce", "This call is recorded.", "on"),
        state(
            "on",
            "record-call",
            {"success": "agent", "failed": "agent"},
            trim="do-not-trim",
            recording_status_callback_method="POST",
            **on,
        ),
        state(
            "agent",
            "connect-call-to",
            {"callCompleted": "off", "hangup": ""},
            caller_id="{{contact.channel.address}}",
            noun="number",
            to="+15550100900",
            timeout=30,
        ),
        state("off", "record-call", {"success": "bye", "failed": "bye"}, record_call=False),
        say("bye", "Good-bye."),
    )


def payment() -> Flow:
    failing = dict.fromkeys(("maxFailedAttempts", "providerError", "payInterrupted", "validationError"), "agent")
    card = {
        "payment_connector": "Default",
        "payment_amount": "10.99",
        "currency": "usd",
        "valid_card_types": ["visa", "amex"],
        "security_code": True,
    }
    return flow(
        trigger(incomingCall="pay"),
        state(
            "pay",
            "capture-payments",
            {"success": "paid", "hangup": "", **failing},
            timeout=5,
            max_attempts=2,
            postal_code="false",
            payment_token_type="one-time",
            parameters=pairs(order="{{trigger.call.CallSid}}"),
            **card,
        ),
        say("paid", "Paid, thank you."),
        to_flex("agent"),
    )


def enqueued() -> Flow:
    wires = {"callComplete": "", "failedToEnqueue": "queue", "callFailure": ""}
    attributes = '{"skill": "{{widgets.skill.parsed.skill}}", "from": "{{trigger.call.From}}"}'
    return flow(
        trigger(incomingCall="skill"),
        request("skill", "task", "queue"),
        state("task", "enqueue-call", wires, workflow_sid=WW, task_attributes=attributes, priority=1, timeout=600),
        state(
            "queue",
            "enqueue-call",
            {**wires, "failedToEnqueue": "bye"},
            queue_name="Everyone",
            wait_url="https://callers-4711.twil.io/wait",
            wait_url_method="GET",
        ),
        say("bye", "Nobody can take your call."),
    )


def redirected() -> Flow:
    wires = {"return": "", "timeout": "sorry", "fail": "sorry"}
    return flow(
        trigger(incomingCall="elsewhere"),
        state(
            "elsewhere",
            "add-twiml-redirect",
            wires,
            method="POST",
            url="https://callers-4711.twil.io/twiml",
            timeout="14400",
        ),
        say("sorry", "Please call again."),
    )


def virtual_agent() -> Flow:
    details = {"addon_sid": "XB" + "3" * 32, "installed_addon_sid": "XE" + "4" * 32, "name": "support"}
    wires = {"completed": "", "liveAgentHandoff": "agent", "hangup": "", "failed": "agent"}
    return flow(
        trigger(incomingCall="bot"),
        state(
            "bot",
            "connect-virtual-agent-v2",
            wires,
            connector_name="support",
            connector_details=details,
            configurations=[],
            channel="voice",
        ),
        to_flex("agent"),
    )


def connected() -> Flow:
    kinds = {
        "client": "support",
        "conference": "CF" + "1" * 32,
        "number-multi": "+15550100901,+15550100902",
        "sim": "DE" + "2" * 32,
    }
    order = [*kinds, "sip"]
    made = []
    for number, noun in enumerate(order):
        after = order[number + 1] if number + 1 < len(order) else ""
        to = {"sip_endpoint": "sip:help@example.com", "sip_username": "help"} if noun == "sip" else {"to": kinds[noun]}
        wires = {"callCompleted": after, "hangup": ""}
        made.append(
            state(
                noun,
                "connect-call-to",
                wires,
                caller_id="{{contact.channel.address}}",
                noun=noun,
                record=False,
                timeout=30,
                **to,
            )
        )
    return flow(trigger(incomingCall="client"), *made)


def guarded_values() -> Flow:
    guarded = (
        "{% if widgets.who.parsed.vip == true %}Welcome back, {{widgets.who.parsed.name}}!{% else %}Welcome.{% endif %}"
    )
    chosen = "{% case widgets.who.parsed.language %}{% when 'de' %}Hallo{% else %}Hello{% endcase %}"
    return flow(
        trigger(incomingCall="known"),
        split("known", "{{trigger.call.From}}", "greet", ("starts_with", "+43", "who")),
        request(
            "who",
            "greet",
            "greet",
            method="GET",
            content_type="application/x-www-form-urlencoded;charset=utf-8",
            body="",
            parameters=pairs(q="{{trigger.call.From}}"),
        ),
        say("greet", guarded, "name"),
        say("name", chosen + " {{ widgets.who.parsed.name | default: 'caller' | upcase }}", "agent"),
        to_flex("agent"),
    )


def streamed() -> Flow:
    return flow(
        trigger(incomingCall="start"),
        fork(
            "start",
            "talk",
            stream_transport_type="websocket",
            stream_url="wss://media.example.com/in",
            stream_connector="",
            stream_name="audio",
        ),
        gather(
            "talk",
            "Say something.",
            "stop",
            "stop",
            speech="stop",
            hints="yes, no",
            speech_model="phone_call",
            profanity_filter="true",
        ),
        fork("stop", "bye", stream_action="stop", stream_name="audio", stream_parameters=[]),
        say("bye", "Thank you for {{widgets.talk.SpeechResult}}"),
    )


def agent_with_assist() -> Flow:
    """Drawn by somebody who knows this program's rules: every end is one on purpose."""
    return flow(
        trigger(incomingCall="welcome"),
        say("welcome", "Welcome.", "register"),
        function("register", "fork", "fork", phone="{{trigger.call.From}}"),
        fork("fork", "agent"),
        to_flex("agent", failing="leave_message"),
        voicemail("leave_message", "", "sorry"),
        say("sorry", "Good-bye."),
    )
