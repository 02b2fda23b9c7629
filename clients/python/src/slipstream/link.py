"""A drone's connection, which comes back whenever it is lost: with full jitter, after a back-off, and also when an edge
that owes an answer says nothing at all. Another connection can take over from the one there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from .machine import Cancel, Machine, nothing
from .problem import ABNORMAL, NORMAL
from .transport import Connection, End, Listener


@dataclass(frozen=True)
class LinkSettings:
    backoff_ms_min: float = 500
    backoff_ms_max: float = 30_000
    stable_after_ms: float = 10_000
    """Back-off starts anew after a connection has lasted for so long."""
    silent_ms_max: float = 10_000
    """Nothing heard for so long while connecting, or with records on the wire: the link is dead, whatever TCP says."""


@dataclass(frozen=True)
class LinkEvents:
    """What a link tells whoever holds it."""

    on_open: Callable[[], None]
    on_message: Callable[[bytes], None]
    on_lost: Callable[[End], None]
    """The connection is gone; another one comes by itself, unless the link was closed."""
    on_refused: Callable[[End], None]
    """The connection that was to take over did not come about; the one there is goes on."""


class _Line:
    """One connection, and whom it tells."""

    def __init__(self, link: Link, connect: Callable[[Listener], Connection]) -> None:
        self._link = link
        self.connection = connect(self)

    def opened(self) -> None:
        self._link.line_opened(self)

    def received(self, message: bytes) -> None:
        self._link.line_received(self, message)

    def ended(self, end: End) -> None:
        self._link.line_ended(self, end)


class Link:
    def __init__(
        self, settings: LinkSettings, machine: Machine, *, connect: Callable[[Listener], Connection], events: LinkEvents
    ) -> None:
        self._settings = settings
        self._machine = machine
        self._connect = connect
        self._events = events
        self._line: _Line | None = None
        # It is to take over, once it is open.
        self._renewing: _Line | None = None
        self._failures = 0
        self.connections = 0
        """That have opened."""
        self._closed = False
        self._alone_until_ms = -inf
        self._cancel_reconnect: Cancel = nothing
        self._cancel_stable: Cancel = nothing
        self._cancel_renewal: Cancel = nothing
        # While set, the edge owes an answer.
        self._cancel_silence: Cancel | None = None

    @property
    def connected(self) -> bool:
        return self._line is not None and self._line.connection.is_open

    @property
    def buffered_bytes(self) -> float:
        """That wait in the connection; inf while there is none."""
        return self._line.connection.buffered_bytes if self._line is not None and self.connected else inf

    def open(self) -> None:
        self._line = _Line(self, self._connect)
        self.expect_answer()

    def renew(self) -> None:
        """Has another connection take over from the one there is, which is used until then."""
        if not self.connected or self._renewing is not None:
            return
        line = self._renewing = _Line(self, self._connect)
        self._cancel_renewal()
        self._cancel_renewal = self._machine.after(self._settings.silent_ms_max, line.connection.close)

    def write(self, frame: bytes) -> None:
        """Only while connected."""
        if self._line is not None and self.connected:
            self._line.connection.send(frame)

    def expect_answer(self) -> None:
        """Something was sent that is to be answered."""
        if self._cancel_silence is not None:
            return
        # In two steps: a process that was kept waiting all the time reads its connection before the second.
        step_ms = self._settings.silent_ms_max / 2

        def second() -> None:
            self._cancel_silence = self._machine.after(step_ms, self.drop)

        self._cancel_silence = self._machine.after(step_ms, second)

    def heard(self) -> None:
        """The edge has said something."""
        if self._cancel_silence is not None:
            self._cancel_silence()
        self._cancel_silence = None

    def leave_alone(self, ms: float) -> None:
        """The edges asked for it: no connection is begun before."""
        self._alone_until_ms = self._machine.clock_ms() + ms

    def drop(self) -> None:
        """Drops the connection as a failing network does; another one comes."""
        line = self._line
        if line is None:
            return
        self.line_ended(line, End(ABNORMAL, "it says nothing"))
        line.connection.close()

    def close(self) -> None:
        """For good."""
        self._closed = True
        for cancel in (self._cancel_reconnect, self._cancel_stable, self._cancel_renewal):
            cancel()
        self.heard()
        for line in (self._line, self._renewing):
            if line is not None:
                line.connection.close()

    def line_opened(self, line: _Line) -> None:
        if line is self._renewing:
            before, self._line, self._renewing = self._line, line, None
            self._cancel_renewal()
            # What the old one has sent and was not told of goes once more: the edge knows it, and says so.
            self._events.on_lost(End(NORMAL))
            self._opened()
            if before is not None:
                before.connection.close()
        elif line is self._line:
            self._opened()

    def line_received(self, line: _Line, message: bytes) -> None:
        if line is self._line:
            self._events.on_message(message)

    def line_ended(self, line: _Line, end: End) -> None:
        if line is self._renewing:
            self._renewing = None
            self._cancel_renewal()
            self._events.on_refused(end)
            later_ms = self._machine.random() * self._settings.backoff_ms_max
            self._cancel_renewal = self._machine.after(later_ms, self.renew)
        elif line is self._line:
            self._lost(end)

    def _opened(self) -> None:
        self.heard()
        self.connections += 1
        self._cancel_stable()
        self._cancel_stable = self._machine.after(self._settings.stable_after_ms, self._stable)
        self._events.on_open()

    def _stable(self) -> None:
        self._failures = 0

    def _lost(self, end: End) -> None:
        following, self._renewing, self._line = self._renewing, None, None
        self.heard()
        self._cancel_stable()
        self._cancel_renewal()
        self._events.on_lost(end)
        if self._closed:
            return
        # The one that was to take over is on its way already.
        if following is not None:
            self._line = following
            return self.expect_answer()
        # Full jitter: drones that lost the same edge come back spread out.
        limit_ms = min(self._settings.backoff_ms_max, self._settings.backoff_ms_min * 2 ** min(self._failures, 30))
        self._failures += 1
        alone_ms = max(0.0, self._alone_until_ms - self._machine.clock_ms())
        self._cancel_reconnect = self._machine.after(alone_ms + self._machine.random() * limit_ms, self.open)
