"""How often somebody may ask, and who somebody is."""

from __future__ import annotations

import pytest

from connector.limits import Rate, TooOften, client_address


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def scope(*forwarded: str, client: str = "10.0.0.9") -> dict:
    return {"type": "http", "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded], "client": (client, 1)}


class TestRate:
    def test_so_many_at_once_and_then_one_at_a_time(self) -> None:
        clock = Clock()
        rate = Rate(60, clock)
        for _ in range(60):
            rate.take("a")
        with pytest.raises(TooOften) as caught:
            rate.take("a")
        assert caught.value.retry_after == 1
        rate.take("b")
        clock.now += 1
        rate.take("a")
        with pytest.raises(TooOften):
            rate.check("a")

    def test_what_is_given_back_may_be_taken_again(self) -> None:
        rate = Rate(2, Clock())
        for _ in range(5):
            rate.take("a")
            rate.give_back("a")
        rate.take("a")
        rate.take("a")
        with pytest.raises(TooOften) as caught:
            rate.take("a")
        assert caught.value.retry_after == 30

    def test_askers_are_forgotten_before_memory_is_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connector.limits._MOST_ASKERS", 10)
        rate = Rate(1, Clock())
        for number in range(11):
            rate.take(str(number))
        rate.take("0")
        with pytest.raises(TooOften):
            rate.take("10")


class TestClientAddress:
    @pytest.mark.parametrize(
        ("forwarded", "hops", "address"),
        [
            ((), 1, "10.0.0.9"),
            (("203.0.113.7",), 1, "203.0.113.7"),
            (("1.2.3.4, 203.0.113.7",), 1, "203.0.113.7"),
            (("1.2.3.4", "203.0.113.7"), 1, "203.0.113.7"),
            (("1.2.3.4, 203.0.113.7, 35.191.0.1",), 2, "203.0.113.7"),
            (("203.0.113.7",), 2, "203.0.113.7"),
            (("2001:db8:1:2:3:4:5:6",), 1, "2001:db8:1:2::/64"),
            (("<script>",), 1, "unknown"),
            ((" , ",), 1, "10.0.0.9"),
        ],
    )
    def test_only_trusted_entries_count(self, forwarded: tuple[str, ...], hops: int, address: str) -> None:
        assert client_address(scope(*forwarded), hops) == address
