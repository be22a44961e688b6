"""The life of a binding: taken over, seen as it is, repaired, and given back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from providers.dialogflow.phone_number_binding import PhoneNumberBindingHandler
from providers.handler import VendorError
from tests.providers.dialogflow.fake import LOCATION, PROJECT, profile

NUMBER = "+15550100200"
OURS, THEIRS = profile("ours"), profile("theirs")


def inputs(**changes: Any) -> dict[str, Any]:
    """former: as FormerNumberBinding noted it."""
    wanted = {"phoneNumber": NUMBER, "project": PROJECT, "location": LOCATION, "conversationProfile": OURS}
    return {**wanted, "former": THEIRS, **changes}


@pytest.fixture
def number(dialogflow) -> str:
    """Our number is on the second page of the list, bound to another profile."""
    dialogflow.profiles |= {OURS, THEIRS}
    for at in range(3):
        dialogflow.add(f"other{at}", f"+1555010030{at}")
    return dialogflow.add("n1", NUMBER, bound=THEIRS)


def state(handler: PhoneNumberBindingHandler, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Takes the number over, as the engine would, and answers id and state."""
    made = handler.create(inputs(**changes))
    return made.id, {**inputs(**changes), **made.outputs}


def before_there_was_a_note(known: dict[str, Any]) -> dict[str, Any]:
    """The state of a stack that an earlier version of the program has made."""
    return {name: value for name, value in known.items() if name != "former"}


def first_run(**changes: Any) -> dict[str, Any]:
    """What a preview knows before the profile is made."""
    return {name: value for name, value in inputs(**changes).items() if name not in ("conversationProfile", "former")}


class TestPreview:
    def test_the_number_is_looked_up_before_its_profile_is_made(self, handler, number):
        assert handler.asks_with_gaps
        assert handler.vendor_faults(first_run()) == []

    def test_an_absent_number_is_told_with_those_that_are_there_and_the_remedy(self, handler, number):
        (fault,) = handler.vendor_faults(first_run(phoneNumber="+15550100999"))
        assert fault.property == "phoneNumber"
        assert f"no number +15550100999 in {LOCATION}; its numbers are " in fault.reason and NUMBER in fault.reason
        assert "pulumi config set gtpPhoneNumber" in fault.reason

    def test_a_deleted_number_is_told_with_its_end(self, dialogflow, handler, number):
        dialogflow.numbers[number] |= {"lifecycleState": "DELETE_REQUESTED", "purgeTime": "2026-12-20T00:00:00Z"}
        (fault,) = handler.vendor_faults(first_run())
        assert "takes it away for good at 2026-12-20T00:00:00Z. Fix: phoneNumbers.undelete" in fault.reason

    def test_a_new_project_is_told_that_nobody_could_look(self, dialogflow, handler, number, capsys):
        error = {"code": 403, "message": "disabled", "details": [{"reason": "SERVICE_DISABLED"}]}
        dialogflow.refusal = (403, {"error": error})
        assert (handler.vendor_faults(first_run()), handler.adoption_faults(first_run())) == ([], [])
        assert f"the telephony number {NUMBER} could not be looked up: its API is off" in capsys.readouterr().out

    def test_a_missing_permission_is_no_new_project(self, dialogflow, handler, number):
        dialogflow.refusal = (403, {"error": {"code": 403, "message": "no"}})
        with pytest.raises(VendorError, match=r"roles/dialogflow\.admin"):
            handler.vendor_faults(first_run())

    def test_whom_the_number_is_taken_from_is_said(self, handler, number, capsys):
        assert handler.adoption_faults(first_run()) == []
        assert f"Dialogflow: takes over {NUMBER}, whose calls use {THEIRS}. Destroy puts that back." in capsys.readouterr().out

    def test_nothing_is_said_of_our_own_profile_and_of_a_free_number(self, dialogflow, handler, number, capsys):
        handler.adoption_faults(inputs(conversationProfile=THEIRS))
        dialogflow.numbers[number].pop("conversationProfile")
        handler.adoption_faults(first_run())
        assert capsys.readouterr().out == ""


class TestTakingOver:
    def test_the_former_profile_is_remembered(self, dialogflow, handler, number):
        made = handler.create(inputs())
        assert (made.id, made.outputs) == (number, {"formerProfile": THEIRS})
        assert dialogflow.bound(number) == OURS

    def test_a_run_that_was_cut_off_is_repeated_without_harm(self, dialogflow, handler, number):
        first, again = handler.create(inputs()), handler.create(inputs())
        assert (again.id, again.outputs) == (first.id, {"formerProfile": THEIRS})
        assert dialogflow.bound(number) == OURS
        handler.delete(again.id, {**inputs(), **again.outputs})
        assert dialogflow.bound(number) == THEIRS

    def test_a_lost_answer_is_asked_for_again(self, dialogflow, handler, number):
        dialogflow.observed.faults.replace([{"method": "PATCH", "path": ".*", "when": "after", "action": "drop"}])
        assert handler.create(inputs()).outputs == {"formerProfile": THEIRS}
        assert dialogflow.bound(number) == OURS
        assert [call["method"] for call in dialogflow.observed.calls].count("PATCH") == 2

    def test_a_busy_google_is_asked_again(self, dialogflow, handler, number):
        dialogflow.observed.faults.replace([{"method": "GET", "path": ".*", "status": 503, "times": 2}])
        assert handler.create(inputs()).id == number

    def test_an_absent_number_is_refused_with_those_that_are_there(self, dialogflow, handler):
        dialogflow.add("n2", "+15550100999")
        with pytest.raises(VendorError, match=r"no number \+15550100200 .*its numbers are \+15550100999.*order a number"):
            handler.create(inputs())

    def test_a_project_without_numbers_is_told_so(self, handler):
        with pytest.raises(VendorError, match="no telephony number at all"):
            handler.create(inputs())

    def test_a_profile_that_does_not_exist_leaves_the_number_alone(self, dialogflow, handler, number):
        with pytest.raises(VendorError, match=r"refused with 404: Conversation profile .*gone does not exist"):
            handler.create(inputs(conversationProfile=profile("gone")))
        assert dialogflow.bound(number) == THEIRS


class TestSeeing:
    def test_nothing_has_drifted(self, handler, number):
        id, known = state(handler)
        live = handler.read(id, known)
        assert (live.inputs, live.outputs) == (inputs(), {"formerProfile": THEIRS})

    def test_another_binding_is_drift_and_is_repaired(self, dialogflow, handler, number):
        id, known = state(handler)
        dialogflow.numbers[number]["conversationProfile"] = THEIRS
        live = handler.read(id, known)
        assert live.inputs == inputs(conversationProfile=THEIRS)
        assert handler.update(id, {**live.inputs, **live.outputs}, inputs()) == {"formerProfile": THEIRS}
        assert dialogflow.bound(number) == OURS

    def test_a_number_without_any_profile_is_drift(self, dialogflow, handler, number):
        id, known = state(handler)
        del dialogflow.numbers[number]["conversationProfile"]
        assert handler.read(id, known).inputs["conversationProfile"] == ""

    def test_a_global_profile_spelt_without_its_location_is_the_same(self, dialogflow, handler, number):
        id, known = state(handler)
        known["conversationProfile"] = f"projects/{PROJECT}/locations/global/conversationProfiles/x"
        dialogflow.numbers[number]["conversationProfile"] = f"projects/{PROJECT}/conversationProfiles/x"
        assert handler.read(id, known).inputs["conversationProfile"] == known["conversationProfile"]

    def test_a_number_that_is_gone_is_gone(self, dialogflow, handler, number):
        id, known = state(handler)
        del dialogflow.numbers[number]
        assert handler.read(id, known) is None


class TestGivingBack:
    def test_the_former_profile_is_put_back_and_the_number_stays(self, dialogflow, handler, number):
        handler.delete(*state(handler))
        assert dialogflow.bound(number) == THEIRS
        assert {call["method"] for call in dialogflow.observed.calls} == {"GET", "PATCH"}

    def test_a_number_that_was_bound_to_nothing_is_so_again(self, dialogflow, handler, number):
        del dialogflow.numbers[number]["conversationProfile"]
        handler.delete(*state(handler, former=""))
        assert dialogflow.bound(number) == ""

    def test_what_somebody_bound_since_is_theirs(self, dialogflow, handler, number):
        id, known = state(handler)
        dialogflow.numbers[number]["conversationProfile"] = profile("newest")
        handler.delete(id, known)
        assert dialogflow.bound(number) == profile("newest")

    def test_a_former_profile_that_is_gone_leaves_the_number_unbound(self, dialogflow, handler, number):
        id, known = state(handler)
        dialogflow.profiles.remove(THEIRS)
        handler.delete(id, known)
        assert dialogflow.bound(number) == ""

    def test_other_refusals_do_not_lose_the_former_profile(self, dialogflow, handler, number):
        id, known = state(handler)
        dialogflow.observed.faults.replace([{"method": "PATCH", "path": ".*", "status": 403, "times": 9}])
        with pytest.raises(VendorError, match="permission denied"):
            handler.delete(id, known)
        assert dialogflow.bound(number) == OURS

    def test_deleting_twice_is_deleting_once(self, dialogflow, handler, number):
        id, known = state(handler)
        handler.delete(id, known)
        handler.delete(id, known)
        del dialogflow.numbers[number]
        handler.delete(id, known)
        assert dialogflow.numbers.keys().isdisjoint({number})


class TestAStackFromBeforeThereWasANote:
    def test_its_second_run_keeps_what_only_the_binding_knows(self, dialogflow, handler, record, number):
        id, known = state(handler)
        known = before_there_was_a_note(known)
        former = record.create(inputs()).outputs["former"]
        outputs = handler.update(id, known, inputs(former=former))
        assert (former, outputs) == ("", {"formerProfile": THEIRS})
        handler.delete(id, {**inputs(former=former), **outputs})
        assert dialogflow.bound(number) == THEIRS

    def test_it_is_refreshed_and_destroyed_as_it_is(self, dialogflow, handler, number):
        id, known = state(handler)
        known = before_there_was_a_note(known)
        live = handler.read(id, known)
        assert {**live.inputs, **live.outputs} == known
        handler.delete(id, known)
        assert dialogflow.bound(number) == THEIRS

    def test_a_number_that_was_bound_to_nothing_stays_so(self, dialogflow, handler, record, number):
        id, known = state(handler, former="")
        # Somebody else's for a moment, while the note is taken: it is no former one, the number was ours.
        dialogflow.numbers[number]["conversationProfile"] = THEIRS
        former = record.create(inputs()).outputs["former"]
        assert former == THEIRS
        assert handler.update(id, before_there_was_a_note(known), inputs(former=former)) == {"formerProfile": ""}


class TestChecking:
    @pytest.mark.parametrize(
        ("changes", "property", "reason"),
        [
            ({"phoneNumber": "5550100200"}, "phoneNumber", "E.164"),
            ({"phoneNumber": 5}, "phoneNumber", "string"),
            ({"former": 5}, "former", "string"),
            ({"conversationProfile": "ours"}, "conversationProfile", "full name"),
            ({"project": "other-project"}, "conversationProfile", "of the project voice-test-1234, the number of other-project"),
            ({"location": "global"}, "conversationProfile", "of the location us-central1, the number of global"),
        ],
    )
    def test_bad_inputs(self, handler, changes, property, reason):
        (fault,) = handler.check(inputs(**changes))
        assert fault.property == property
        assert reason in fault.reason

    def test_what_is_not_known_yet_is_not_judged(self, handler):
        assert handler.check({"phoneNumber": NUMBER, "project": PROJECT}) == []
        assert handler.check(inputs()) == []
