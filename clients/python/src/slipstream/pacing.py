"""When the next frame of a backlog may go: by time, whatever is acknowledged, and slower when the edge refuses."""

from __future__ import annotations

from math import inf

INTERVAL_MS = 200.0
INTERVAL_MS_MIN = 50.0
INTERVAL_MS_MAX = 5000.0
RETRY_MS_MAX = 60_000.0
"""However long a refusal says to wait."""

_SHRINK = 0.6
"""Of the interval, for each frame that goes out while nothing is refused."""
_GROW = 2


class Pacing:
    """One frame per interval; time in ms, by a clock that only goes forward."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Another connection: what the edge before has said counts no more."""
        self._interval_ms = INTERVAL_MS
        self._due_ms = self._slowed_ms = self._sent_ms = -inf
        self._refused = False

    def wait_ms(self, now_ms: float) -> float:
        """How long the next frame has to wait."""
        return max(0.0, self._due_ms - now_ms)

    def sent(self, now_ms: float) -> None:
        """A frame of the backlog has gone."""
        if not self._refused:
            self._interval_ms = max(INTERVAL_MS_MIN, self._interval_ms * _SHRINK)
        self._refused = False
        self._sent_ms = now_ms
        self._due_ms = now_ms + self._interval_ms

    def refused(self, now_ms: float, retry_after_ms: float) -> None:
        """Frames that were on their way together are refused together: they slow down once."""
        self._refused = True
        if now_ms >= self._slowed_ms:
            self._interval_ms = min(INTERVAL_MS_MAX, self._interval_ms * _GROW)
            self._slowed_ms = now_ms + self._interval_ms
            self._due_ms = max(self._due_ms, self._slowed_ms)
        self._due_ms = max(self._due_ms, now_ms + min(retry_after_ms, RETRY_MS_MAX))

    def hurry(self) -> None:
        """The next frame waits no longer than it must: what was refused goes again in another form."""
        self._due_ms = min(self._due_ms, self._sent_ms + INTERVAL_MS_MIN)
