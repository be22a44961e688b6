"""The project's own services and Redis as processes, and what can be seen of any process from outside."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from connector.tokens import AGENT_SCOPE, Tokens

ROOT = Path(__file__).resolve().parents[3]
PROJECT = "voice-bench-1"


class CannotMeasure(Exception):
    """The text says what is missing and what to do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, seconds: float = 1.0) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310  # http, built here or given by the user
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


@dataclass
class Process:
    """A started command; `log` is its output."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    folder: Path = ROOT
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Process:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=output, stderr=output
            )
        return self

    @property
    def pid(self) -> int:
        if self._process is None:
            raise CannotMeasure(f"{self.command[0]} is not running")
        return self._process.pid

    def started(self, url: str, seconds: float = 20.0) -> float:
        """Starts it; how long until `url` answers. Raises CannotMeasure when it never does."""
        began = time.perf_counter()
        self.start()
        while not answers(url):
            if self._process is None or self._process.poll() is not None or time.perf_counter() - began > seconds:
                self.stop(signal.SIGKILL)
                told = self.log.read_text(errors="replace").strip().splitlines()[-3:]
                raise CannotMeasure(f"{' '.join(self.command[:4])} does not answer at {url}: {' / '.join(told)}")
            time.sleep(0.005)
        return time.perf_counter() - began

    def stop(self, how: int = signal.SIGTERM, seconds: float = 60.0) -> float:
        """How long until it was gone; killed when that takes longer than `seconds`."""
        began = time.perf_counter()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return time.perf_counter() - began


def family(pid: int) -> dict[int, int]:
    """The process and all below it, with the kilobytes of memory that each has resident; empty where it cannot be seen."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    rows = [tuple(int(each) for each in line.split()) for line in listing.splitlines() if len(line.split()) == 3]
    members, grown = {pid}, True
    while grown:
        more = {child for child, parent, _ in rows if parent in members} - members
        members |= more
        grown = bool(more)
    return {each: kilobytes for each, _, kilobytes in rows if each in members}


def resident_megabytes(pid: int) -> float | None:
    """Of the process and all below it; None where it cannot be seen."""
    members = family(pid)
    return sum(members.values()) / 1024 if members else None


def kill(pid: int) -> None:
    """At once, without a chance to say goodbye."""
    os.kill(pid, signal.SIGKILL)


def cpu_seconds(pid: int) -> float | None:
    """Of the process and all below it so far; None where the system does not tell it in fine enough steps."""
    seconds = []
    for each in family(pid):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            seconds.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    return sum(seconds) if seconds else None


@dataclass
class OwnServices:
    """Our connector in as many instances as asked for, an interceptor, and Redis, on loopback."""

    folder: Path
    connectors: list[Process] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    _others: list[Process] = field(default_factory=list)

    def start(self, connectors: int = 1) -> OwnServices:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(32)
        key_file = self.folder / "jwt_secret_key"
        key_file.touch(mode=0o600)
        key_file.write_text(key)
        self._tokens = Tokens([key.encode()], PROJECT)
        redis_port = self._redis()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "REDISHOST": "127.0.0.1",
            "REDISPORT": str(redis_port),
            "GCP_PROJECT_ID": PROJECT,
            "AUTH_OPTION": "SalesforceLWC",
            "APP_AUTH_OPTION": "Twilio",
            "SALESFORCE_DOMAIN": "bench.my.salesforce.com",
            "SALESFORCE_ORGANIZATION_ID": "00D5g00000ABcDE",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "JWT_SECRET_KEY_PATH": str(key_file),
        }
        self.interceptor, self.interceptor_url, self.interceptor_start = self.service("interceptor")
        self._others.append(self.interceptor)
        for _ in range(connectors):
            process, url, _ = self.service("ui-connector")
            self.connectors.append(process)
            self.urls.append(url)
        return self

    def service(self, command: str) -> tuple[Process, str, float]:
        """Started and answering: the process, its URL, and how many seconds it took."""
        port = free_port()
        environment = {**self.environment, "PORT": str(port)}
        process = Process([sys.executable, "-m", "connector", command], environment, self.folder / f"{command}-{port}.log")
        url = f"http://127.0.0.1:{port}"
        return process, url, process.started(f"{url}/status")

    def token(self) -> str:
        return self._tokens.issue(AGENT_SCOPE)

    def _redis(self) -> int:
        port = free_port()
        command = [redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = Process([*command, "--dir", str(self.folder)], dict(os.environ), self.folder / "redis.log").start()
        self._others.append(process)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return port
            except OSError:
                if time.monotonic() > deadline:
                    raise CannotMeasure(f"Redis did not start; see {self.folder}/redis.log") from None
                time.sleep(0.02)

    def stop(self) -> None:
        for process in (*self.connectors, *reversed(self._others)):
            process.stop(signal.SIGTERM, 5)


def redis_server() -> str:
    found = os.environ.get("VOICE_REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
    if not found:
        raise CannotMeasure("no Redis server: run this as `make bench-connector`, or name one in VOICE_REDIS_SERVER")
    return found
