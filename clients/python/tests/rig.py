"""A drone on fake connections, in virtual time, and everything that it tells."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

import slipstream
from slipstream.transport import Connection, End, Listener
from slipstream.v1.downlink_pb2 import Ack, DroneDownlink, SeqRange
from slipstream.v1.telemetry_pb2 import TelemetryFrame

EDGE = "ws://edge/v1/telemetry"
PLACE: slipstream.PositionFields = {"lat_e7": 473_977_420, "lon_e7": 85_455_940}
BEGIN_MS = 1_760_000_000_000
BOOT = BEGIN_MS % 2**32


class FakeMachine:
    def __init__(self) -> None:
        self.ms = 0.0
        self.chance = 0.5
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._count = 0

    def now_us(self) -> int:
        return int((BEGIN_MS + self.ms) * 1000)

    def clock_ms(self) -> float:
        return self.ms

    def random(self) -> float:
        return self.chance

    def after(self, ms: float, fn: Callable[[], None]) -> Callable[[], None]:
        self._count += 1
        number = self._count
        heapq.heappush(self._timers, (self.ms + ms, number, fn))
        return lambda: self._cancelled.add(number)

    async def tick(self, ms: float) -> None:
        """Lets so much time pass, and what waits in the event loop happen."""
        until_ms = self.ms + ms
        await settle()
        while self._timers and self._timers[0][0] <= until_ms:
            self.ms, number, fn = heapq.heappop(self._timers)
            if number not in self._cancelled:
                fn()
            await settle()
        self.ms = until_ms


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class FakeConnection:
    def __init__(self, edge: str, token: str | None, listener: Listener) -> None:
        self.edge = edge
        self.token = token
        self.listener = listener
        self.is_open = False
        self.is_over = False
        self.buffered_bytes = 0
        self.sent: list[TelemetryFrame] = []

    def send(self, frame: bytes) -> None:
        self.sent.append(TelemetryFrame.FromString(frame))

    def close(self) -> None:
        self.end(1000)

    def accept(self) -> None:
        self.is_open = True
        self.listener.opened()

    def end(self, code: int, *, retry_after_ms: float = 0, said: str = "") -> None:
        if self.is_over:
            return
        self.is_open = False
        self.is_over = True
        self.listener.ended(End(code, said, retry_after_ms))

    def say(self, **body: Any) -> None:
        self.listener.received(DroneDownlink(**body).SerializeToString())

    def ack(self, first: int, last: int) -> None:
        self.say(ack=Ack(boot_id=BOOT, ranges=[SeqRange(first_seq=first, last_seq=last)]))

    @property
    def seqs(self) -> list[list[int]]:
        """By frame, without those that acknowledge alerts."""
        return [[record.seq for record in frame.records] for frame in self.sent if frame.records]


class Rig:
    schemes = ("ws", "wss")

    def __init__(self) -> None:
        self.machine = FakeMachine()
        self.connections: list[FakeConnection] = []
        self.acknowledged: list[int] = []
        self.lost: list[str] = []
        self.problems: list[Exception] = []
        self.alerts: list[slipstream.Alert] = []

    def connect(self, edge: str, *, token: str | None, listener: Listener) -> Connection:
        self.connections.append(FakeConnection(edge, token, listener))
        return self.connections[-1]

    @property
    def connection(self) -> FakeConnection:
        return self.connections[-1]

    def drone(self, **settings: Any) -> slipstream.Drone:
        own: dict[str, Any] = {
            "drone_id": "d",
            "edges": [EDGE],
            "transport": self,
            "machine": self.machine,
            "on_acknowledged": self.acknowledged.extend,
            "on_lost": lambda seqs, reason: self.lost.append(f"{reason} {seqs}"),
            "on_problem": self.problems.append,
            "on_alert": self.alerts.append,
        }
        return slipstream.Drone(**{**own, **settings})
