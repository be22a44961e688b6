"""Fuzzing, by hand and not in the test run: see docs/benchmarks.md, "Fuzzing".

`python -m tests.connector.fuzz parsers SECONDS` needs atheris (not among the project's requirements); a finding is written to
tests/connector/seeds/TARGET/ and replayed by test_seeds.py from then on.
`python -m tests.connector.fuzz live SECONDS` sends mutated requests and packets to running services; what made one fail is
written to build/fuzz/live/, and becomes a row of hostile.py or test_hostile_sockets.py.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.connector.hostile import HOSTILE, request, status
from tests.connector.redis_server import RedisServer
from tests.connector.test_hostile_sockets import OPENING, PACKETS
from tests.connector.world import Service, World

SEEDS = Path(__file__).parent / "seeds"


def parsers(seconds: float) -> int:
    """All targets in turn, coverage-guided, in one process; answers how many targets failed."""
    import atheris  # noqa: PLC0415  # only here

    with atheris.instrument_imports(include=["connector", "tests.connector.fuzz_targets"]):
        from tests.connector import fuzz_targets  # noqa: PLC0415  # instrumented

    names = sorted(fuzz_targets.TARGETS)

    def one(data: bytes) -> None:
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
    options = [f"-max_total_time={int(seconds)}", "-max_len=2048", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], str(corpus), *options], one)
    atheris.Fuzz()
    return 0


class Live:
    """A connector and an interceptor under fire; `findings` counts by what they wrote."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, RedisServer(folder / "redis").start()).start()
        self.services = {name: self.world.service(name).start() for name in ("ui-connector", "interceptor")}
        self.read = dict.fromkeys(self.services, 0)
        self.findings: dict[str, int] = {}
        self.random = random.Random()  # noqa: S311  # its seed is of no value to anybody

    def mutated(self, data: bytes) -> bytes:
        """A few stretches cut out, doubled, or exchanged for bytes that parsers stumble over."""
        pieces = [b"", b"\0", b"\r\n", b"\xff", b"%", b"..", b"{", b"[", b'"', b"9" * 30, b"-1", b":", b" ", b"\x1e", b"a" * 5000]
        for _ in range(self.random.randint(1, 4)):
            one, two = sorted(self.random.randint(0, len(data)) for _ in range(2))
            two = min(two, one + self.random.choice([0, 1, 4, 64]))
            middle = self.random.choice([self.random.choice(pieces), data[one:two] * 2, self.random.randbytes(3)])
            data = data[:one] + middle + data[two:]
        return data

    def http(self) -> None:
        hostile = self.random.choice(list(HOSTILE.values()))
        made = hostile.request(self.world)
        if len(made) > 200_000:
            return
        data = self.mutated(made)
        with contextlib.suppress(TimeoutError):
            found = status(self.services[hostile.service].url, data, 0.2)
            self.look(hostile.service, data, "" if found not in (500, 502, 504) else f"status {found}")

    def websocket(self) -> None:
        url = self.services["ui-connector"].url
        sent: list[bytes] = []
        with contextlib.suppress(WebSocketException, OSError, TimeoutError, EOFError):
            with connect(url.replace("http", "ws", 1) + OPENING, close_timeout=0.2, compression=None, proxy=None) as socket:
                socket.recv(1)
                if self.random.random() < 0.8:
                    socket.send("40" + json.dumps({"token": self.world.token()}))
                for packet in self.random.choice(list(PACKETS.values()))[:20]:
                    raw = packet if isinstance(packet, bytes) else packet.encode()
                    sent.append(self.mutated(raw[:20_000]))
                    socket.send(sent[-1], text=self.random.random() < 0.9)
        self.look("ui-connector", b"\n".join(sent), "")

    def polling(self) -> None:
        url = self.services["ui-connector"].url
        place = "/socket.io/?EIO=4&transport=polling"
        session = json.loads(httpx.get(url + place, timeout=2).text[1:])["sid"]
        packets = [each if isinstance(each, bytes) else each.encode() for each in self.random.choice(list(PACKETS.values()))]
        body = self.mutated(b"\x1e".join(each[:5000] for each in packets[:5]))
        with contextlib.suppress(TimeoutError):
            found = status(url, request("POST", f"{place}&sid={session}", {}, body), 0.2)
            self.look("ui-connector", body, "" if found != 500 else "status 500")

    def look(self, name: str, data: bytes, said: str) -> None:
        """What the service wrote meanwhile, and whether it still answers."""
        service: Service = self.services[name]
        with service.log.open("rb") as log:
            log.seek(self.read[name])
            # A line that is only half there is read whole the next time.
            written = log.read().rpartition(b"\n")[0]
        self.read[name] += len(written) + 1 if written else 0
        found = [said] if said else []
        for line in written.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                told = json.loads(line)
                if told["severity"] in ("ERROR", "CRITICAL"):
                    found.append(f"{told['message'].strip()} {told.get('exception')} {told.get('at', ['?'])[-1]}")
        if service.process.poll() is not None or status(service.url, request("GET", "/status"), 5) != 200:
            found.append("does not answer any more")
        for each in found:
            if each not in self.findings:
                place = SEEDS.parent.parent.parent / "build/fuzz/live"
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{len(self.findings)}").write_bytes(data)
                sys.stderr.write(f"FINDING {len(self.findings)}: {each}\n")
            self.findings[each] = self.findings.get(each, 0) + 1


def live(seconds: float) -> int:
    """Answers 1 if anything was found."""
    with tempfile.TemporaryDirectory() as folder:
        under_fire = Live(Path(folder))
        until, count = time.monotonic() + seconds, 0
        try:
            while time.monotonic() < until:
                under_fire.random.choice([under_fire.http, under_fire.http, under_fire.websocket, under_fire.polling])()
                count += 1
        finally:
            under_fire.world.stop()
    sys.stderr.write(f"{count} sendings, {under_fire.findings}\n")
    return 1 if under_fire.findings else 0


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
        case ["live", seconds]:
            sys.exit(live(float(seconds)))
        case _:
            sys.exit(__doc__)
