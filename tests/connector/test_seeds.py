"""Inputs on which a parser once failed under the fuzzer, and well-formed ones: each is taken or refused in the documented way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connector.fuzz_targets import BEGINNINGS, TARGETS

SEEDS = Path(__file__).parent / "seeds"
KEPT = sorted(path for path in SEEDS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("seed", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_kept_seed(seed: Path) -> None:
    TARGETS[seed.parent.name](seed.read_bytes())


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_beginnings(target: str) -> None:
    assert BEGINNINGS[target]
    for beginning in BEGINNINGS[target]:
        TARGETS[target](beginning)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_any_bytes(target: str) -> None:
    @given(st.binary(max_size=300) | st.sampled_from(BEGINNINGS[target]).flatmap(_mutated))
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()


def _mutated(beginning: bytes) -> st.SearchStrategy[bytes]:
    """The beginning with one stretch of it exchanged for something else."""
    places = st.integers(0, len(beginning))
    return st.tuples(places, places, st.binary(max_size=8) | st.text(max_size=4).map(str.encode)).map(
        lambda cut: beginning[: min(cut[:2])] + cut[2] + beginning[max(cut[:2]) :]
    )
