"""One preview tells every difference that is refused, each with a command that works after the one before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from providers.handler import Adopts, VendorError
from providers.salesforce.adoption import Adoptable
from providers.salesforce.adoption_review import HANDLERS, ID, AdoptionReviewHandler
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.salesforce.by_hand import follow_the_guide
from tests.providers.salesforce.conftest import ADMIN, settings_of
from tests.providers.salesforce.runs import (
    AT,
    PAGE,
    URLS,
    lightning_inputs,
    oauth_app_inputs,
    page_inputs,
    trusted_url_inputs,
)

BY_HAND = "https://ui-connector-by-hand.run.app"


def wanted() -> dict[str, Any]:
    """What a first run wants, as the program tells it."""
    app, page, components = oauth_app_inputs(), page_inputs(), lightning_inputs()
    for inputs in (app, page, components):
        for later in ("formerSecretByRest", "wasThere", "former", "consumerSecret"):
            inputs.pop(later, None)
    del page["properties"]["consumerKey"]
    trusted = {name: trusted_url_inputs(name, url) for name, url in URLS.items()}
    for each in trusted.values():
        each.pop("former", None)
    return {
        "oauthApp": {"app": app},
        "trustedUrls": trusted,
        "lightningComponents": {"bundle": components},
        "contactPage": {"page": page},
        "pageActivation": {"activation": {"at": AT, "page": PAGE}},
    }


def reviewed(org: SalesforceStandIn, *allowed: str, **other: Any) -> list[str]:
    """What the review refuses."""
    handler = AdoptionReviewHandler.connect({**settings_of(org), "adoptSalesforce": json.dumps(allowed)})
    inputs = {"wanted": wanted() | other}
    assert isinstance(handler, Adopts)
    assert handler.check(inputs) == []
    return [each.reason for each in handler.adoption_faults(inputs)]


def places(texts: list[str]) -> dict[str, set[str]]:
    """Kind → the places of the setting's list that the commands in `texts` write it to."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for at, kind in re.findall(r"pulumi config set --path 'adoptSalesforce\[(\d+)\]' (\w+)", text):
            found.setdefault(kind, set()).add(at)
    return found


@pytest.fixture
def by_hand(org: SalesforceStandIn) -> SalesforceStandIn:
    """Half of the guide by hand, with another connector; another page is active for the org."""
    follow_the_guide(org.url, org.access_token, run_as=ADMIN, connector_url=BY_HAND, page=PAGE, activation="app")
    return org


def test_all_differences_at_once(by_hand: SalesforceStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    texts = reviewed(by_hand)
    told = " ".join(texts)
    trusted = ("the trusted URL ui_connector is", "the trusted URL ui_connector_wss is")
    trusted = ("the trusted URL ui_connector is", "the trusted URL ui_connector_wss is")
    for what in ("clientCredentialsFlowUser", *trusted, BY_HAND, "for every Contact"):
        assert what in told
    assert places(texts) == {"oauthApp": {"0"}, "trustedUrls": {"1"}, "contactPage": {"2"}, "pageActivation": {"3"}}
    # What nobody has to fear is told beside it, since the run ends here.
    assert "adopts the Lightning component" in capsys.readouterr().out


def test_commands_go_on_after_what_is_allowed_already(by_hand: SalesforceStandIn) -> None:
    texts = reviewed(by_hand, "oauthApp", "contactPage")
    assert places(texts) == {"trustedUrls": {"2"}, "pageActivation": {"3"}}


def test_typed_one_after_the_other_the_commands_allow_everything(by_hand: SalesforceStandIn) -> None:
    commanded = sorted((int(at), kind) for kind, all_at in places(reviewed(by_hand)).items() for at in all_at)
    assert [at for at, _ in commanded] == list(range(len(commanded)))
    assert reviewed(by_hand, *(kind for _, kind in commanded)) == []


def test_what_is_allowed_is_left_for_each_resource_to_tell(by_hand: SalesforceStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert reviewed(by_hand, *Adoptable) == []
    assert capsys.readouterr().out == ""


def test_an_org_without_anything_of_it_is_no_matter(org: SalesforceStandIn) -> None:
    # The stand-in's org has a page of its own that is active.
    assert places(reviewed(org)) == {"pageActivation": {"0"}}
    assert reviewed(org, "pageActivation") == []


def test_an_address_that_is_not_known_yet(by_hand: SalesforceStandIn) -> None:
    unknown = wanted()["trustedUrls"]
    for name in ("ui_connector", "ui_connector_wss"):
        del unknown[name]["url"]
    texts = reviewed(by_hand, "oauthApp", "contactPage", "pageActivation", trustedUrls=unknown)
    assert len(texts) == 2
    assert all("not known yet" in each for each in texts)


def test_no_text_holds_a_secret(by_hand: SalesforceStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    pair = by_hand.org.store.credentials["lwc_auth"]
    told = " ".join(reviewed(by_hand)) + capsys.readouterr().out
    assert pair.secret not in told
    assert pair.key not in told


def test_another_org_is_told_before_anything_else(org: SalesforceStandIn) -> None:
    handler = AdoptionReviewHandler.connect({**settings_of(org), "salesforceOrganizationId": "00D000000000099"})
    with pytest.raises(VendorError, match="nothing was changed"):
        handler.adoption_faults({"wanted": wanted()})


def test_it_makes_nothing(by_hand: SalesforceStandIn, snapshot: Callable[[], dict[str, Any]]) -> None:
    before = snapshot()
    handler = AdoptionReviewHandler.connect(settings_of(by_hand))
    inputs = {"wanted": wanted()}
    assert handler.create(inputs).id == ID
    assert handler.update(ID, inputs, inputs) == {}
    seen = handler.read(ID, inputs)
    assert seen
    assert seen.inputs == inputs
    handler.delete(ID, inputs)
    assert snapshot() == before


def test_every_kind_that_can_be_allowed_is_asked_for() -> None:
    assert {kind: handler.kind for kind, handler in HANDLERS.items()} == {kind: kind for kind in Adoptable}


def test_an_unknown_kind_is_a_fault(org: SalesforceStandIn) -> None:
    handler = AdoptionReviewHandler.connect(settings_of(org))
    assert [each.property for each in handler.check({"wanted": {"weather": {}}})] == ["wanted.weather"]
    assert handler.check({"wanted": {"oauthApp": "x"}})
