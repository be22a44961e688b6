"""What the people in a call do, as a test or a person tells it beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field

# How Flex's queue may end, by the event that the widget then has. Source: Send to Flex, transitions; Enqueue, QueueResult.
TAKEN, REFUSED, SYSTEM_ERROR = "taken", "refused", "system-error"
QUEUE_EVENTS = {TAKEN: "callComplete", REFUSED: "failedToEnqueue", SYSTEM_ERROR: "callFailure"}


@dataclass(frozen=True)
class Script:
    """keys, speech: what the caller presses ("1", "4471#") or says, by the name of the gathering widget, one entry for each
    time that it asks, the last for ever; queue: how the agents' queue ends the call (QUEUE_EVENTS); confidence: how sure
    Twilio is of what it heard."""

    keys: dict[str, list[str]] = field(default_factory=dict)
    speech: dict[str, list[str]] = field(default_factory=dict)
    queue: str = TAKEN
    confidence: float = 0.95

    @classmethod
    def told(cls, press: tuple[str, ...] = (), say: tuple[str, ...] = (), queue: str = TAKEN) -> Script:
        """From texts such as "menu=1#"; those of one widget are its answers in this order. Raises ValueError."""
        return cls(_by_widget(press), _by_widget(say), queue)

    def pressed(self, widget: str, time: int) -> str:
        """What is pressed when `widget` asks for the `time`th time, from 0 on; "" for nothing."""
        return _at(self.keys.get(widget, []), time)

    def said(self, widget: str, time: int) -> str:
        return _at(self.speech.get(widget, []), time)


def _at(given: list[str], time: int) -> str:
    return given[min(time, len(given) - 1)] if given else ""


def _by_widget(texts: tuple[str, ...]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for each in texts:
        widget, equals, answer = each.partition("=")
        if not widget or not equals:
            raise ValueError(f"{each!r} is not WIDGET=ANSWER, such as menu=1")
        given.setdefault(widget, []).append(answer)
    return given
