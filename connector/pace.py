"""What a crowd asks for, a few milliseconds at a time.

Thousands of clients that come or go in one moment are ready in one turn of the event loop. Served in that turn, everybody else
waits until the last of them is done: /status, a look-up, an event for a ringing phone.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

# A request takes two or three turns.
_LONGEST_TURN_SECONDS = 0.002
_AT_FIRST, _MOST = 8, 256


class Pace:
    """Runs pieces of work in the order in which they were given; so many in a turn of the loop as keep the turns short.

    A piece may cost more than its own call takes, by waking tasks. So turns are measured, not pieces; and in time of this thread,
    as doing less does not help against others who want the processor.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._allowed, self._done = _AT_FIRST, 0
        self._turning = False
        self._began = 0.0
        self._over = False

    def run(self, work: Callable[[], None]) -> bool:
        """Runs it now, if this turn has room for it, else later. Answers whether it was now."""
        if self._over:
            return False
        now = not self._waiting and self._done < self._allowed
        if not now:
            self._waiting.append(work)
        if not self._turning:
            self._turning, self._began = True, self._clock()
            asyncio.get_running_loop().call_soon(self._turn)
        if now:
            self._done += 1
            work()
        return now

    def end(self) -> None:
        """Forgets what waits, and all that would come: the process ends."""
        self._over = True
        self._waiting.clear()

    def _turn(self) -> None:
        now = self._clock()
        took, self._began = now - self._began, now
        if took > _LONGEST_TURN_SECONDS:
            self._allowed = max(1, self._allowed // 2)
        elif self._waiting:
            self._allowed = min(self._allowed + 1, _MOST)
        if not self._waiting and not self._done:
            self._turning = False
            return
        # First of all: whatever a piece of work raises is the loop's to report, and the rest goes on.
        asyncio.get_running_loop().call_soon(self._turn)
        self._done = 0
        while self._waiting and self._done < self._allowed:
            self._done += 1
            self._waiting.popleft()()
