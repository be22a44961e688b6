"""The instances of one revision: as many processes as its scaling asks for, in turn, each watched as Cloud Run watches it."""

from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rehearsal.google.container import Container, NotReady
from rehearsal.google.prober import Probe
from rehearsal.google.processes import Processes

# A revision may ask for hundreds; so many fit on one machine beside everything else.
MOST = 4
_LONGEST_PAUSE = 5.0
_TICK = 0.1


@dataclass
class _Watch:
    """What is known of one instance beyond its process."""

    container: Container
    ready: bool = False
    restarts: int = 0
    liveness: Probe | None = None
    readiness: Probe | None = None
    thread: threading.Thread | None = field(default=None, repr=False)


class Instances:
    """Starts them together, gives their ports in turn, starts again what died or what its liveness probe condemns.

    No affinity: which instance a connection reaches must not matter, because Cloud Run's own affinity is best effort.
    """

    def __init__(self, containers: list[Container], processes: Processes, metadata_host: str) -> None:
        self._processes, self._metadata_host = processes, metadata_host
        self._watches = [
            _Watch(each, liveness=each.probe("livenessProbe"), readiness=each.probe("readinessProbe"))
            for each in containers
        ]
        self._next = 0
        self._changed = threading.Condition()
        self._ending = threading.Event()

    def start(self) -> None:
        """Returns when every instance passed its start-up probe. Raises the first NotReady; then none is left."""
        problems: list[NotReady] = []
        with ThreadPoolExecutor(max_workers=len(self._watches)) as together:
            started = [together.submit(self._start, each) for each in self._watches]
        for each in started:
            if (problem := each.exception()) is not None:
                if not isinstance(problem, NotReady):
                    raise problem
                problems.append(problem)
        if problems:
            self.stop()
            raise problems[0]
        for each in self._watches:
            each.thread = threading.Thread(target=self._keep, args=(each,), daemon=True, name="cloud-run-instance")
            each.thread.start()

    def stop(self) -> None:
        """SIGTERM for all of them at once, SIGKILL after Cloud Run's ten seconds."""
        self._ending.set()
        with self._changed:
            self._changed.notify_all()
        for each in self._watches:
            if each.thread:
                each.thread.join()
        with ThreadPoolExecutor(max_workers=len(self._watches)) as together:
            for done in [together.submit(each.container.stop, self._processes) for each in self._watches]:
                done.result()

    def port(self, patience: float) -> int:
        """The port of the next instance that may serve; waits up to `patience` seconds for one, 0 when there is none."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not self._ending.is_set():
                for step in range(len(self._watches)):
                    position = (self._next + step) % len(self._watches)
                    watch = self._watches[position]
                    if watch.ready and watch.container.alive:
                        self._next = position + 1
                        return watch.container.port
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, _TICK))
        return 0

    def listing(self) -> list[dict[str, object]]:
        """[{"revision", "instance", "pid", "port", "ready", "restarts"}]; pid is None while it is being started again."""
        return [
            {
                "revision": watch.container.revision,
                "instance": number,
                "pid": watch.container.process.pid if watch.container.alive else None,
                "port": watch.container.port,
                "ready": watch.ready and watch.container.alive,
                "restarts": watch.restarts,
            }
            for number, watch in enumerate(self._watches)
        ]

    def _start(self, watch: _Watch) -> None:
        watch.container.start(self._processes, self._metadata_host)
        # Asked once before any traffic, so that nothing reaches an instance that says it is not ready.
        self._ready(watch, watch.readiness is None or watch.readiness.ask(watch.container.port) is None)

    def _ready(self, watch: _Watch, ready: bool) -> None:
        with self._changed:
            watch.ready = ready
            self._changed.notify_all()

    def _keep(self, watch: _Watch) -> None:
        """One thread per instance, until the revision ends."""
        while not self._ending.is_set():
            if not self._until_it_dies(watch):
                return
            self._ready(watch, False)
            self._again(watch)

    def _until_it_dies(self, watch: _Watch) -> bool:
        """False when the revision ends instead."""
        process = watch.container.process
        for probe in (watch.liveness, watch.readiness):
            if probe:
                probe.begin()
        while not self._ending.is_set():
            try:
                process.wait(_TICK)
            except subprocess.TimeoutExpired:
                self._probe(watch, process)
            else:
                return True
        return False

    def _probe(self, watch: _Watch, process: subprocess.Popen[bytes]) -> None:
        if watch.readiness and (verdict := watch.readiness.verdict(watch.container.port)) is not None:
            self._ready(watch, verdict)
        if watch.liveness and watch.liveness.verdict(watch.container.port) is False:
            self._ready(watch, False)
            process.kill()

    def _again(self, watch: _Watch) -> None:
        """Start it once more, with growing pauses while it does not come up."""
        pause = _TICK
        while not self._ending.is_set():
            watch.container.stop(self._processes)
            watch.restarts += 1
            try:
                self._start(watch)
            except NotReady:
                self._ending.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return
