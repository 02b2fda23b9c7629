"""A drone's side of the connection: what is measured now goes at once, what is left over behind it; every record is kept
until the edge acknowledges it or says that it is lost, and every alert is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

from .alert_inbox import AlertInbox, encode_alert_ack
from .downlink import FINAL, LossReason, read_downlink
from .frame import FRAME_LIMITS, DroneIdentity, encode_frame, fit_frame
from .link import Link, LinkEvents, LinkSettings
from .machine import Cancel, Machine
from .nearest import Nearest, NearestSettings
from .outbox import Outbox
from .pacing import Pacing
from .probe import Connect
from .transport import End
from .v1.alert_pb2 import Alert
from .v1.downlink_pb2 import REFUSAL_REASON_FRAME_TOO_LARGE, Ack, Heartbeat, Hello, Throttle
from .v1.telemetry_pb2 import Telemetry


@dataclass(frozen=True)
class ClientEvents:
    """What a client tells."""

    on_alert: Callable[[Alert], None]
    """Once for each alert and revision."""
    on_acknowledged: Callable[[list[int]], None]
    on_lost: Callable[[list[int], LossReason], None]
    """Records that are given up for good."""
    on_ended: Callable[[str, End], None]
    """A connection to that edge has ended, or did not come about."""


@dataclass
class Counters:
    sent_records: int = 0
    acknowledged_records: int = 0
    throttles: int = 0
    faults: int = 0
    """Frames that the edge could not read."""
    reconnects: int = 0
    """Connections after the first."""
    lost: dict[LossReason, int] = field(default_factory=dict)
    """Given up: never acknowledged, and not sent again."""


_SOCKET_BYTES_MAX = 1 << 20
"""A connection that has so much waiting gets no more for now."""
_SOCKET_BACKLOG_BYTES_MAX = 1 << 14
"""The same, of a backlog: when the frame before has not left."""
_SOCKET_RETRY_MS = 100.0
_FAULT_TOLD_MS = 5000
"""A frame that could not be read is told of within a second, and what the network takes."""
_SUSPECT_OVERTAKEN_MS = 2000
_OVERTAKEN_MS = 300_000
"""Acknowledgements come in another order than records go, by so much at most: between lanes, and after an outage."""
_ON_THE_WAY_MS = 10_000
"""What is on its way is neither with the edge nor lost."""


class Client:
    def __init__(
        self,
        identity: DroneIdentity,
        machine: Machine,
        *,
        edges: NearestSettings,
        link: LinkSettings,
        records_max: int,
        connect: Connect,
        events: ClientEvents,
    ) -> None:
        self.counters = Counters()
        self._identity = identity
        self._machine = machine
        self._records_max = records_max
        self._events = events
        self._outbox = Outbox()
        self._pacing = Pacing()
        self._alerts = AlertInbox()
        self._limits = FRAME_LIMITS
        # Until the next turn of the backlog, or of what the connection did not take.
        self._cancel_turn: Cancel | None = None
        self._nearest = Nearest(edges, machine, connect=connect, on_nearer=self.renew)
        link_events = LinkEvents(self._opened, self._received, self._ended, self._refused)
        self._link = Link(link, machine, connect=self._nearest.connect, events=link_events)

    @property
    def connected(self) -> bool:
        return self._link.connected

    @property
    def edge(self) -> str | None:
        return self._nearest.current

    @property
    def unacknowledged(self) -> int:
        return len(self._outbox)

    def open(self) -> None:
        self._nearest.open(self._link.open)

    def renew(self) -> None:
        """Has another connection, begun now, take over from the one there is."""
        self._link.renew()

    def leave_alone(self, ms: float) -> None:
        """No connection is begun before."""
        self._link.leave_alone(ms)

    def fits(self, records: Sequence[Telemetry]) -> bool:
        """Whether none of them is longer than a frame may be."""
        return all(len(encode_frame(self._identity, [record])) <= FRAME_LIMITS.bytes_max for record in records)

    def send(self, records: Sequence[Telemetry]) -> None:
        """What is new is always taken: where there is no room, what has waited longest is given up."""
        too_many = len(self._outbox) + len(records) - self._records_max
        if too_many > 0:
            self._lose(self._outbox.give_up(too_many), "crowded-out")
        self._outbox.take(records)
        self._flush()

    def close(self) -> None:
        if self._cancel_turn is not None:
            self._cancel_turn()
        self._nearest.close()
        self._link.close()

    def _opened(self) -> None:
        self._nearest.opened()
        if self._link.connections > 1:
            self.counters.reconnects += 1
        self._flush()

    def _ended(self, end: End) -> None:
        self._events.on_ended(self._nearest.current or self._nearest.target, end)
        self._nearest.lost(end)
        self._stop_turn()
        self._pacing.restart()
        self._outbox.restart()

    def _refused(self, end: End) -> None:
        self._events.on_ended(self._nearest.target, end)
        self._nearest.refused()

    def _flush(self) -> None:
        """What is fresh goes now, in one frame; what is left over when it is its turn."""
        if self._outbox.fresh > 0 and self._link.buffered_bytes <= _SOCKET_BYTES_MAX:
            self._send_frame(self._outbox.newest(self._limits.records_max), newest=True)
            # The longest frame may have had no room for all of them.
            self._outbox.newest(0)
        self._take_turns()

    def _take_turns(self) -> None:
        outbox = self._outbox
        if self._cancel_turn is not None or not self.connected or outbox.fresh + outbox.backlog == 0:
            return
        self._take_turn(_SOCKET_RETRY_MS if outbox.fresh > 0 else self._pacing.wait_ms(self._machine.clock_ms()))

    def _take_turn(self, wait_ms: float) -> None:
        def turn() -> None:
            self._cancel_turn = None
            if self._outbox.fresh > 0:
                self._flush()
            else:
                self._send_backlog()

        self._cancel_turn = self._machine.after(wait_ms, turn)

    def _stop_turn(self) -> None:
        if self._cancel_turn is not None:
            self._cancel_turn()
        self._cancel_turn = None

    def _send_backlog(self) -> None:
        now_ms = self._machine.clock_ms()
        if not self.connected or self._outbox.backlog == 0:
            return
        is_full = self._link.buffered_bytes > _SOCKET_BACKLOG_BYTES_MAX
        wait_ms = _SOCKET_RETRY_MS if is_full else self._pacing.wait_ms(now_ms)
        if wait_ms > 0:
            return self._take_turn(wait_ms)
        self._send_frame(self._outbox.oldest(self._limits.records_max), newest=False)
        self._pacing.sent(now_ms)
        self._take_turns()

    def _send_frame(self, of: list[Telemetry], *, newest: bool) -> None:
        frame, records = fit_frame(self._identity, of, bytes_max=self._limits.bytes_max, newest=newest)
        # It was taken when longer frames were: perhaps they are again, elsewhere.
        if len(frame) > self._limits.bytes_max:
            return self._outbox.park(records)
        self._link.write(frame)
        self._outbox.sent(records, self._machine.clock_ms())
        self.counters.sent_records += len(records)
        self._link.expect_answer()

    def _received(self, message: bytes) -> None:
        downlink = read_downlink(message)
        if downlink is None:
            return self._link.drop()
        kind = downlink.WhichOneof("body")
        if kind == "hello":
            self._learn(downlink.hello)
        elif kind == "alert":
            self._receive_alert(downlink.alert)
        elif kind == "heartbeat":
            self._wait_with(downlink.heartbeat)
        elif kind == "frame_fault":
            self.counters.faults += downlink.frame_fault.frames
            self._outbox.suspect(self._machine.clock_ms() - _FAULT_TOLD_MS)
        elif kind == "ack" and downlink.ack.boot_id == self._identity.boot_id:
            self._acknowledge(downlink.ack)
        elif kind == "throttle" and downlink.throttle.boot_id == self._identity.boot_id:
            self._throttle(downlink.throttle)
        # Somebody is there, who says something of what was sent. Only what is still owed is waited for.
        if kind != "alert":
            self._link.heard()
        if self._outbox.in_flight > 0 and self.connected:
            self._link.expect_answer()
        self._take_turns()

    def _learn(self, hello: Hello) -> None:
        self._nearest.heard(cut_off=hello.cut_off)
        self._limits = type(FRAME_LIMITS)(
            bytes_max=min(hello.frame_bytes_max or FRAME_LIMITS.bytes_max, FRAME_LIMITS.bytes_max),
            records_max=min(hello.frame_records_max or FRAME_LIMITS.records_max, FRAME_LIMITS.records_max),
        )
        self._outbox.unpark()

    def _wait_with(self, heartbeat: Heartbeat) -> None:
        self._nearest.heard(cut_off=heartbeat.cut_off, stopping=heartbeat.stopping)
        self._nearest.waiting()
        held_ms = self._machine.clock_ms() - heartbeat.waiting_ms
        self._send_again(suspects_ms=held_ms - _SUSPECT_OVERTAKEN_MS, others_ms=held_ms - _ON_THE_WAY_MS)

    def _acknowledge(self, ack: Ack) -> None:
        last_sent_ms = -inf
        for part in ack.ranges:
            seqs, sent_ms = self._outbox.forget(part.first_seq, part.last_seq)
            last_sent_ms = max(last_sent_ms, sent_ms)
            self.counters.acknowledged_records += len(seqs)
            if seqs:
                self._events.on_acknowledged(seqs)
        self._send_again(suspects_ms=last_sent_ms - _SUSPECT_OVERTAKEN_MS, others_ms=last_sent_ms - _OVERTAKEN_MS)

    def _throttle(self, throttle: Throttle) -> None:
        self.counters.throttles += 1
        final = FINAL.get(throttle.reason)
        if final is not None:
            for part in throttle.shed:
                self._lose(self._outbox.forget(part.first_seq, part.last_seq)[0], final)
            return
        if throttle.HasField("refused"):
            self._outbox.recall(throttle.refused.first_seq, throttle.refused.last_seq)
        records_max = throttle.frame_records_max or self._limits.records_max >> 1
        if throttle.reason == REFUSAL_REASON_FRAME_TOO_LARGE and 0 < records_max < self._limits.records_max:
            self._limits = type(self._limits)(bytes_max=self._limits.bytes_max, records_max=records_max)
            self._pacing.hurry()
        else:
            self._pacing.refused(self._machine.clock_ms(), throttle.retry_after_ms)
        # The turn may be another one now.
        self._stop_turn()

    def _send_again(self, *, suspects_ms: float, others_ms: float) -> None:
        self._lose(self._outbox.not_taken(suspects_ms=suspects_ms, others_ms=others_ms), "unreadable")

    def _lose(self, seqs: list[int], reason: LossReason) -> None:
        if not seqs:
            return
        self.counters.lost[reason] = self.counters.lost.get(reason, 0) + len(seqs)
        self._events.on_lost(seqs, reason)

    def _receive_alert(self, alert: Alert) -> None:
        # An edge that does not read is told nothing: the aggregator asks again.
        if self._link.buffered_bytes <= _SOCKET_BYTES_MAX:
            self._link.write(encode_alert_ack(alert, identity=self._identity, now_us=self._machine.now_us()))
        if self._alerts.take(alert):
            self._events.on_alert(alert)
