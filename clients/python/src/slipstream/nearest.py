"""Which of several edges a drone is connected to: the nearest of those that answer, by how long a new connection takes to
its hello. Measured at the start, some time after each connection, now and then, and soon when the edge says that it is cut
off or says nothing else for long. Edges that are about equally near share the drones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from .machine import Cancel, Machine, nothing
from .probe import Connect, Probe
from .problem import NORMAL
from .transport import Connection, End, Listener


@dataclass(frozen=True)
class NearestSettings:
    edges: Sequence[str]
    """URLs of their telemetry sockets; of one there is nothing to choose."""
    settle_ms: float = 20_000
    """Until the next measurement, on average, after a connection has begun."""
    measure_ms: float = 300_000
    """The same, else."""
    hello_ms_max: float = 3000
    """An edge that has not said hello by then is not there."""


@dataclass
class _Edge:
    url: str
    hello_ms: float | None = None
    """None before it has answered."""
    is_cut_off: bool = False
    """It said that it does not reach the aggregator."""
    away_until_ms: float = -inf
    """Not tried before that, unless no other is left."""

    def is_as_near(self, nearest_ms: float) -> bool:
        return (inf if self.hello_ms is None else self.hello_ms) <= _as_near_ms(nearest_ms)


_AWAY_MS = 10_000
"""An edge that failed, or is stopping, is left alone for so long, unless it answers when it is measured."""
_NEARER_SHARE = 0.7
_NEARER_MS = 10
"""What is not nearer by both of these is as near: no drone moves for less."""
_NEWEST_WEIGHT = 0.5
"""Of the newest measurement in what is remembered."""
_SOON_MS = 2000
_LEAVE_MS_MAX = 250
"""Drones that leave one edge together come to the others spread over so long."""


class Nearest:
    def __init__(
        self, settings: NearestSettings, machine: Machine, *, connect: Connect, on_nearer: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._machine = machine
        self._connect = connect
        # It is worth while to connect anew: `connect` leads elsewhere now.
        self._on_nearer = on_nearer
        self._edges = [_Edge(url) for url in settings.edges]
        # Where the latest connection was begun, and where the one that is used leads.
        self._target = self._edges[0]
        self._current: _Edge | None = None
        self._probes: set[Probe] = set()
        self._is_closed = False
        self._cancel_next: Cancel = nothing
        self._cancel_leave: Cancel = nothing
        self._due_ms = inf
        self._measured_ms = -inf

    @property
    def current(self) -> str | None:
        """Where the connection in use leads; None while there is none."""
        return None if self._current is None else self._current.url

    @property
    def target(self) -> str:
        """Where the latest connection was begun."""
        return self._target.url

    def open(self, on_found: Callable[[], None]) -> None:
        """`on_found` is called as soon as one has answered, or none has."""
        if len(self._edges) > 1:
            self._measure(on_found)
        else:
            on_found()

    def connect(self, listener: Listener) -> Connection:
        """A connection to the edge that is best now."""
        self._target = self._choose()
        return self._connect(self._target.url, listener)

    def opened(self) -> None:
        """The latest connection has opened."""
        self._current = self._target
        self._measure_in(self._settings.settle_ms)

    def lost(self, end: End) -> None:
        """The connection in use, or the one that was to be, is lost; with NORMAL another one took over."""
        if end.code != NORMAL:
            self._avoid(self._current or self._target)
        self._current = None

    def refused(self) -> None:
        """The latest connection did not come about."""
        self._avoid(self._target)

    def heard(self, *, cut_off: bool, stopping: bool = False) -> None:
        """What the edge in use says of itself."""
        current = self._current
        if current is None or len(self._edges) == 1:
            return
        current.is_cut_off = cut_off
        if stopping and current.away_until_ms < self._machine.clock_ms():
            self._leave(current)
        elif cut_off:
            self.waiting()

    def waiting(self) -> None:
        """The edge in use has had nothing to say for long."""
        now_ms = self._machine.clock_ms()
        # Where all edges have to wait for the aggregator, drones do not ask them all the time.
        ms = max(_SOON_MS, self._measured_ms + self._settings.settle_ms - now_ms)
        if now_ms + 2 * ms < self._due_ms:
            self._measure_in(ms)

    def close(self) -> None:
        self._is_closed = True
        self._cancel_next()
        self._cancel_leave()
        self._current = None
        for probe in list(self._probes):
            probe.stop()

    def _avoid(self, edge: _Edge) -> None:
        edge.away_until_ms = self._machine.clock_ms() + _AWAY_MS

    def _leave(self, edge: _Edge) -> None:
        self._avoid(edge)
        self._cancel_leave()

        def leave() -> None:
            if self._current is edge:
                self._on_nearer()

        self._cancel_leave = self._machine.after(self._machine.random() * _LEAVE_MS_MAX, leave)

    def _choose(self) -> _Edge:
        """Of those that are about as near as the nearest any one: together they would fill it."""
        now_ms = self._machine.clock_ms()
        there = [edge for edge in self._edges if edge.away_until_ms <= now_ms]
        good = [edge for edge in there if not edge.is_cut_off]
        some = good or there or [min(self._edges, key=lambda edge: edge.away_until_ms)]
        nearest_ms = min(inf if edge.hello_ms is None else edge.hello_ms for edge in some)
        near = [edge for edge in some if edge.is_as_near(nearest_ms)]
        if self._current is not None and self._current in near:
            return self._current
        return near[min(len(near) - 1, int(self._machine.random() * len(near)))]

    def _measure_in(self, ms: float) -> None:
        if len(self._edges) == 1 or self._is_closed:
            return
        self._cancel_next()
        wait_ms = ms * (0.5 + self._machine.random())
        self._due_ms = self._machine.clock_ms() + wait_ms
        self._cancel_next = self._machine.after(wait_ms, lambda: self._measure(nothing))

    def _measure(self, on_found: Callable[[], None]) -> None:
        self._cancel_next()
        self._due_ms = self._measured_ms = self._machine.clock_ms()
        left = len(self._edges)
        is_found = False
        cancel_found: Cancel | None = None

        def found() -> None:
            nonlocal is_found
            if cancel_found is not None:
                cancel_found()
            if not is_found and not self._is_closed:
                is_found = True
                on_found()

        def answered(edge: _Edge, hello_ms: float | None, cut_off: bool) -> None:
            nonlocal left, cancel_found
            self._note(edge, hello_ms, cut_off=cut_off)
            # Those that are about as near have their chance.
            if hello_ms is not None and cancel_found is None:
                cancel_found = self._machine.after(_as_near_ms(hello_ms) - hello_ms, found)
            left -= 1
            if left > 0:
                return
            found()
            # Unless a connection has begun meanwhile.
            if self._due_ms <= self._measured_ms:
                self._measure_in(self._settings.measure_ms)
            self._judge()

        for edge in self._edges:
            self._probe(edge, answered)

    def _probe(self, edge: _Edge, answered: Callable[[_Edge, float | None, bool], None]) -> None:
        def over(hello_ms: float | None, cut_off: bool) -> None:
            self._probes.discard(probe)
            answered(edge, hello_ms, cut_off)

        probe = Probe(edge.url, self._machine, connect=self._connect, on_end=over)
        self._probes.add(probe)
        probe.start(self._settings.hello_ms_max)

    def _note(self, edge: _Edge, hello_ms: float | None, *, cut_off: bool) -> None:
        if hello_ms is None:
            return self._avoid(edge)
        before = hello_ms if edge.hello_ms is None else edge.hello_ms
        edge.hello_ms = before + (hello_ms - before) * _NEWEST_WEIGHT
        edge.is_cut_off = cut_off
        edge.away_until_ms = -inf

    def _judge(self) -> None:
        current = self._current
        if current is None:
            return
        now_ms = self._machine.clock_ms()
        others = [e for e in self._edges if e is not current and e.away_until_ms <= now_ms and not e.is_cut_off]
        if not others:
            return
        nearest_ms = min(inf if edge.hello_ms is None else edge.hello_ms for edge in others)
        is_there = current.away_until_ms <= now_ms and not current.is_cut_off
        if not (is_there and current.is_as_near(nearest_ms)):
            self._on_nearer()


def _as_near_ms(nearest_ms: float) -> float:
    """What an edge may take that is about as near as one that takes `nearest_ms`."""
    return max(nearest_ms / _NEARER_SHARE, nearest_ms + _NEARER_MS)
