"""What a number was bound to before: noted once, outliving the take-over, and never our own profile."""

from __future__ import annotations

from typing import Any

import pytest

from providers.dialogflow.former_number_binding import FormerNumberBindingHandler
from providers.handler import VendorError
from tests.providers.dialogflow.fake import LOCATION, PROJECT, Dialogflow, profile

NUMBER = "+15550100200"
OURS, THEIRS = profile("ours"), profile("theirs")
INPUTS = {"phoneNumber": NUMBER, "project": PROJECT, "location": LOCATION, "conversationProfile": OURS}


@pytest.fixture
def number(dialogflow: Dialogflow) -> str:
    """On the second page of the list, bound to another profile."""
    dialogflow.profiles |= {OURS, THEIRS}
    for at in range(3):
        dialogflow.add(f"other{at}", f"+1555010030{at}", bound=profile("others"))
    return dialogflow.add("n1", NUMBER, bound=THEIRS)


def noted(record: FormerNumberBindingHandler) -> dict[str, Any]:
    return {**INPUTS, **record.create(INPUTS).outputs}


class TestNoting:
    def test_a_first_run_notes_whose_the_number_is(self, dialogflow, record, number):
        made = record.create(INPUTS)
        assert (made.id, made.outputs) == (number, {"former": THEIRS})
        assert {call["method"] for call in dialogflow.observed.calls} == {"GET"}

    @pytest.mark.parametrize("bound", ["", None])
    def test_a_number_bound_to_nobody(self, dialogflow, record, number, bound):
        dialogflow.numbers[number].pop("conversationProfile")
        if bound is not None:
            dialogflow.numbers[number]["conversationProfile"] = bound
        assert record.create(INPUTS).outputs == {"former": ""}

    def test_our_own_profile_is_no_former_one(self, dialogflow, record, number):
        dialogflow.numbers[number]["conversationProfile"] = OURS
        assert record.create(INPUTS).outputs == {"former": ""}

    def test_nor_is_a_global_one_spelt_without_its_location(self, dialogflow, record, number):
        dialogflow.numbers[number]["conversationProfile"] = f"projects/{PROJECT}/conversationProfiles/x"
        ours = f"projects/{PROJECT}/locations/global/conversationProfiles/x"
        assert record.create({**INPUTS, "conversationProfile": ours}).outputs == {"former": ""}

    def test_a_number_that_is_not_there_is_told_with_those_that_are(self, record, number):
        with pytest.raises(VendorError, match=r"no number \+15550100999 .*its numbers are .*order a number"):
            record.create({**INPUTS, "phoneNumber": "+15550100999"})

    def test_a_missing_permission_is_no_unbound_number(self, dialogflow, record, number):
        dialogflow.refusal = (403, {"error": {"code": 403, "message": "no"}})
        with pytest.raises(VendorError, match=r"roles/dialogflow\.admin"):
            record.create(INPUTS)


class TestKeeping:
    def test_a_second_run_and_a_refresh_keep_it(self, dialogflow, record, number):
        state = noted(record)
        dialogflow.numbers[number]["conversationProfile"] = OURS
        live = record.read(number, state)
        assert (live.inputs, live.outputs) == (INPUTS, {"former": THEIRS})
        other = {**INPUTS, "conversationProfile": profile("other")}
        assert record.update(number, state, other) == {"former": THEIRS}

    def test_it_outlives_a_number_that_is_gone(self, dialogflow, record, number):
        state = noted(record)
        del dialogflow.numbers[number]
        assert record.read(number, state).outputs == {"former": THEIRS}

    def test_a_take_over_that_was_cut_off_forgets_nothing(self, dialogflow, record, handler, number):
        """The note is in the state, the binding is not: the next run binds again, and destroy gives back."""
        wanted = {**INPUTS, "former": noted(record)["former"]}
        handler.create(wanted)
        made = handler.create(wanted)
        assert dialogflow.bound(number) == OURS
        handler.delete(made.id, {**wanted, **made.outputs})
        assert dialogflow.bound(number) == THEIRS

    def test_so_it_does_where_the_next_run_uses_another_profile(self, dialogflow, record, handler, number):
        """The number is bound to what was ours when the run was cut off; that is not what was before."""
        state, other = noted(record), profile("other")
        handler.create({**INPUTS, "former": state["former"]})
        dialogflow.profiles.add(other)
        again = {**INPUTS, "conversationProfile": other}
        wanted = {**again, "former": record.update(number, state, again)["former"]}
        made = handler.create(wanted)
        handler.delete(made.id, {**wanted, **made.outputs})
        assert dialogflow.bound(number) == THEIRS

    def test_forgetting_it_touches_nothing(self, dialogflow, record, number):
        state = noted(record)
        dialogflow.observed.calls.clear()
        record.delete(number, state)
        assert dialogflow.observed.calls == []


class TestChecking:
    @pytest.mark.parametrize(("phone_number", "reason"), [("5550100200", "E.164"), (5, "string")])
    def test_bad_numbers(self, record, phone_number, reason):
        (fault,) = record.check({**INPUTS, "phoneNumber": phone_number})
        assert fault.property == "phoneNumber"
        assert reason in fault.reason

    def test_what_is_not_known_yet_is_not_judged(self, record):
        assert record.check({"phoneNumber": NUMBER, "project": PROJECT}) == []


def test_it_connects_as_the_binding_does(dialogflow, number):
    record = FormerNumberBindingHandler.connect({"dialogflowEndpoint": dialogflow.server.url})
    assert record.create(INPUTS).outputs == {"former": THEIRS}
