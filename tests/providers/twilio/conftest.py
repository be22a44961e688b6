from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.twilio.packages import hold_to_contract
from tests.providers.twilio.account import Account


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    account.standin.stop()


@pytest.fixture(autouse=True)
def _held_to_contract() -> Iterator[None]:
    yield
    for each in Account.made:
        hold_to_contract(each.standin)
    Account.made.clear()
