"""Fuzzing, by hand and not in the test run: see docs/benchmarks.md, "Fuzzing".

`python -m tests.connector.fuzz parsers SECONDS` needs atheris (not among the project's requirements); a finding is written to
tests/connector/seeds/TARGET/ and replayed by test_seeds.py from then on.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"


def parsers(seconds: float) -> int:
    """All targets in turn, coverage-guided, in one process; answers how many targets failed."""
    import atheris  # noqa: PLC0415  # only here

    with atheris.instrument_imports(include=["connector", "tests.connector.fuzz_targets"]):
        from tests.connector import fuzz_targets  # noqa: PLC0415  # instrumented

    until = time.monotonic() + seconds
    names = sorted(fuzz_targets.TARGETS)

    def one(data: bytes) -> None:
        if time.monotonic() > until:
            raise SystemExit(0)
        if not data:
            return
        name = names[data[0] % len(names)]
        try:
            fuzz_targets.TARGETS[name](data[1:])
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            keep(name, data[1:], error)

    corpus = SEEDS.parent.parent.parent / "build/fuzz"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        for which, beginning in enumerate(fuzz_targets.BEGINNINGS[name]):
            (corpus / f"{name}-{which}").write_bytes(bytes([number]) + beginning)
    atheris.Setup([sys.argv[0], str(corpus), "-max_len=2048", "-timeout=20", "-rss_limit_mb=2048"], one)
    atheris.Fuzz()
    return 0


def keep(target: str, data: bytes, error: BaseException) -> None:
    """One file per kind of failure and target."""
    place = SEEDS / target / f"{type(error).__name__}-{len(str(error)) % 97}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        sys.stderr.write(f"FINDING {target}: {type(error).__name__}: {str(error)[:200]} in {data[:120]!r}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["parsers", seconds]:
            sys.exit(parsers(float(seconds)))
        case _:
            sys.exit(__doc__)
