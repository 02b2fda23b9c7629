"""How frames get to an edge, and what it says gets back, whatever the protocol that carries them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class End:
    """Why a connection has ended, or did not come about."""

    code: int
    """A close code of the WebSocket, or the HTTP status by which it was refused."""
    said: str = ""
    retry_after_ms: float = 0.0
    """How long the edge asks to be left alone; 0: it does not say."""


class Listener(Protocol):
    """Whom a connection tells."""

    def opened(self) -> None: ...

    def received(self, message: bytes) -> None:
        """The bytes of a DroneDownlink."""

    def ended(self, end: End) -> None:
        """Once, and the last."""


class Connection(Protocol):
    @property
    def is_open(self) -> bool: ...

    @property
    def buffered_bytes(self) -> int:
        """That have not left yet."""

    def send(self, frame: bytes) -> None:
        """The bytes of a TelemetryFrame; only while it is open."""

    def close(self) -> None:
        """Ends it; the listener is told."""


class Transport(Protocol):
    @property
    def schemes(self) -> Collection[str]:
        """Of the URLs of edges that it can connect to."""

    def connect(self, edge: str, *, token: str | None, listener: Listener) -> Connection:
        """Begins a connection to that edge; the listener is told what comes of it, never before this returns."""
