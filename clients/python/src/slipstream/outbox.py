"""What a drone keeps of its own records until somebody takes responsibility for them: fresh ones that were never sent,
the backlog that goes behind them, and what is in flight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from .v1.telemetry_pb2 import Telemetry

_UNREAD_MAX = 3
"""So often a record is sent alone that cannot be read; then it is given up."""


@dataclass
class _Kept:
    """A record, and what is known of it. Times in ms, by a clock that only goes forward."""

    record: Telemetry
    sent_ms: float = -inf
    """-inf: never."""
    alone: bool = False
    """It was the only record of its frame."""
    suspect: bool = False
    """The frame may have been one that the edge could not read."""
    unread: int = 0
    """How often it was sent alone, and the edge read what came later, but not this."""


_Records = dict[int, _Kept]


class Outbox:
    def __init__(self) -> None:
        self._fresh: _Records = {}
        self._backlog: _Records = {}
        self._backlog_in_order = True
        # Too long for the edge of this connection.
        self._parked: _Records = {}
        # In the order in which it was sent.
        self._in_flight: _Records = {}

    @property
    def fresh(self) -> int:
        return len(self._fresh)

    @property
    def backlog(self) -> int:
        return len(self._backlog)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    def __len__(self) -> int:
        return sum(len(records) for records in self._all)

    def give_up(self, count: int) -> list[int]:
        """So many are kept no longer, those first that have waited for longest; returns them."""
        seqs: list[int] = []
        while len(seqs) < count:
            waited = [records for records in (self._backlog, self._in_flight) if records]
            rest = [records for records in (self._parked, self._fresh) if records]
            oldest = min(waited, key=lambda records: next(iter(records))) if waited else rest[0] if rest else None
            if oldest is None:
                break
            seq = next(iter(oldest))
            del oldest[seq]
            seqs.append(seq)
        return seqs

    def take(self, records: Iterable[Telemetry]) -> None:
        for record in records:
            self._fresh[record.seq] = _Kept(record)

    def newest(self, count: int) -> list[Telemetry]:
        """What was measured last, older ones first; what is older than that is backlog from now on."""
        for seq in list(self._fresh)[: max(0, len(self._fresh) - count)]:
            self._wait(self._fresh.pop(seq))
        return [kept.record for kept in self._fresh.values()]

    def oldest(self, count: int) -> list[Telemetry]:
        """Of the backlog; a suspect one is alone."""
        if not self._backlog_in_order:
            self._backlog = dict(sorted(self._backlog.items()))
        self._backlog_in_order = True
        records: list[Telemetry] = []
        for kept in self._backlog.values():
            if kept.suspect and not records:
                return [kept.record]
            if not kept.suspect:
                records.append(kept.record)
                if len(records) >= count:
                    break
        return records

    def sent(self, records: Sequence[Telemetry], now_ms: float) -> None:
        """These have gone, in one frame."""
        for kept in self._waiting(records):
            kept.sent_ms = now_ms
            kept.alone = len(records) == 1
            kept.suspect = False
            self._in_flight[kept.record.seq] = kept

    def park(self, records: Sequence[Telemetry]) -> None:
        """These are longer than the edge takes: they wait for another limit."""
        for kept in self._waiting(records):
            self._parked[kept.record.seq] = kept

    def unpark(self) -> None:
        """Another limit holds."""
        for kept in self._parked.values():
            self._wait(kept)
        self._parked.clear()

    def restart(self) -> None:
        """Another connection: everything is to be sent again, what was measured last first, suspects behind."""
        everything = sorted({**self._fresh, **self._backlog, **self._in_flight}.items())
        for records in (self._fresh, self._backlog, self._in_flight):
            records.clear()
        for seq, kept in everything:
            kept.suspect = kept.suspect or kept.unread > 0
            (self._backlog if kept.suspect else self._fresh)[seq] = kept

    def recall(self, first: int, last: int) -> None:
        """What is in flight of a range is to be sent again."""
        for seq in _within(first, last, self._in_flight):
            # Whoever refuses a record has read it.
            self._in_flight[seq].unread = 0
            self._recall(seq, suspect=False)

    def forget(self, first: int, last: int) -> tuple[list[int], float]:
        """Keeps a range no longer, also what is to be sent again; what was never sent stays.

        Returns what was kept of it, and when the last of that in flight was sent.
        """
        seqs: list[int] = []
        last_sent_ms = -inf
        for records in self._all:
            for seq in _within(first, last, records):
                sent_ms = records[seq].sent_ms
                if sent_ms == -inf:
                    continue
                del records[seq]
                seqs.append(seq)
                if records is self._in_flight:
                    last_sent_ms = max(last_sent_ms, sent_ms)
        return seqs, last_sent_ms

    def suspect(self, since_ms: float) -> None:
        """The edge could not read a frame that was sent since then."""
        for kept in self._in_flight.values():
            if kept.sent_ms >= since_ms:
                kept.suspect = True

    def not_taken(self, *, suspects_ms: float, others_ms: float) -> list[int]:
        """What was sent before these times the edge does not have: it is to be sent again, suspects each alone.

        Returns suspects that were alone often enough: they are kept no longer.
        """
        unreadable: list[int] = []
        for seq, kept in list(self._in_flight.items()):
            if kept.sent_ms >= max(suspects_ms, others_ms):
                break
            if kept.sent_ms >= (suspects_ms if kept.suspect else others_ms):
                continue
            if kept.suspect and kept.alone:
                kept.unread += 1
                if kept.unread >= _UNREAD_MAX:
                    del self._in_flight[seq]
                    unreadable.append(seq)
                    continue
            self._recall(seq, suspect=kept.suspect)
        return unreadable

    @property
    def _all(self) -> tuple[_Records, ...]:
        return (self._in_flight, self._backlog, self._fresh, self._parked)

    def _waiting(self, records: Sequence[Telemetry]) -> list[_Kept]:
        found = (self._fresh.pop(record.seq, None) or self._backlog.pop(record.seq, None) for record in records)
        return [kept for kept in found if kept is not None]

    def _recall(self, seq: int, *, suspect: bool) -> None:
        kept = self._in_flight.pop(seq)
        kept.suspect = suspect
        self._wait(kept)

    def _wait(self, kept: _Kept) -> None:
        self._backlog[kept.record.seq] = kept
        self._backlog_in_order = False


def _within(first: int, last: int, records: _Records) -> list[int]:
    # A range comes from outside and may be long; what is kept is bounded.
    if last - first > len(records):
        return [seq for seq in records if first <= seq <= last]
    return [seq for seq in range(first, last + 1) if seq in records]
