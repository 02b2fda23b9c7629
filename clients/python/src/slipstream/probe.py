"""How long an edge takes to say hello to a new connection."""

from __future__ import annotations

from collections.abc import Callable

from .downlink import read_downlink
from .machine import Cancel, Machine, nothing
from .transport import Connection, End, Listener

Connect = Callable[[str, Listener], Connection]
"""To an edge of this URL."""


class Probe:
    def __init__(
        self, url: str, machine: Machine, *, connect: Connect, on_end: Callable[[float | None, bool], None]
    ) -> None:
        self._url = url
        self._machine = machine
        self._connect = connect
        # How long it took, in ms, None if there was no hello; and whether the edge is cut off.
        self._on_end = on_end
        self._since_ms = machine.clock_ms()
        self._connection: Connection | None = None
        self._is_over = False
        self._cancel: Cancel = nothing

    def start(self, hello_ms_max: float) -> None:
        self._cancel = self._machine.after(hello_ms_max, lambda: self._finish(None, False))
        self._connection = self._connect(self._url, self)

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._is_over = True
        self._cancel()
        if self._connection is not None:
            self._connection.close()

    def opened(self) -> None:
        """A server that takes connections is no edge yet."""

    def received(self, message: bytes) -> None:
        downlink = read_downlink(message)
        if downlink is None or downlink.WhichOneof("body") != "hello":
            self._finish(None, False)
        else:
            self._finish(self._machine.clock_ms() - self._since_ms, downlink.hello.cut_off)

    def ended(self, end: End) -> None:
        self._finish(None, False)

    def _finish(self, took_ms: float | None, cut_off: bool) -> None:
        if self._is_over:
            return
        self.stop()
        self._on_end(took_ms, cut_off)
