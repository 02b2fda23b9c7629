"""What the answer to a PUBLISH of MQTT says of its records, in the words of a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .v1 import downlink_pb2
from .v1.downlink_pb2 import Ack, DroneDownlink, FrameFault, SeqRange, Throttle
from .v1.telemetry_pb2 import TelemetryFrame

_FAILURE_MIN = 0x80
_LOST = 0x83
"""For good: it is in the loss ledger."""
_QUOTA_EXCEEDED = 0x97
_PAYLOAD_FORMAT_INVALID = 0x99


@dataclass(frozen=True)
class Published:
    """The records of a frame that is not answered."""

    boot_id: int
    seqs: list[int]

    @classmethod
    def of(cls, frame: bytes) -> Published:
        message = TelemetryFrame.FromString(frame)
        return cls(message.boot_id, [record.seq for record in message.records])


def answer(published: Published, *, reason: int, told: Mapping[str, str], said: str) -> list[DroneDownlink]:
    """`told`: the user properties that came with the reason code."""
    boot_id, seqs = published.boot_id, published.seqs
    if reason < _FAILURE_MIN:
        return [DroneDownlink(ack=Ack(boot_id=boot_id, ranges=_ranges_of(seqs)))]
    if reason == _PAYLOAD_FORMAT_INVALID:
        return [DroneDownlink(frame_fault=FrameFault(reason=said, frames=1))]
    refused = SeqRange(first_seq=min(seqs), last_seq=max(seqs))
    if reason == _LOST:
        return _lost(published, {int(seq) for seq in told.get("lost", "").split(",") if seq.isdecimal()})
    why = downlink_pb2.REFUSAL_REASON_DRONE_RATE if reason == _QUOTA_EXCEEDED else downlink_pb2.REFUSAL_REASON_FULL
    wait = told.get("retry-after-ms", "")
    wait_ms = min(2**32 - 1, int(wait)) if wait.isdecimal() else 1000
    return [DroneDownlink(throttle=Throttle(boot_id=boot_id, reason=why, retry_after_ms=wait_ms, refused=refused))]


def _lost(published: Published, lost: set[int]) -> list[DroneDownlink]:
    """Those that are not named are on disk."""
    shed = _ranges_of([seq for seq in published.seqs if seq in lost])
    kept = _ranges_of([seq for seq in published.seqs if seq not in lost])
    reason = downlink_pb2.REFUSAL_REASON_SHED
    answers = [DroneDownlink(throttle=Throttle(boot_id=published.boot_id, reason=reason, shed=shed))]
    if kept:
        answers.append(DroneDownlink(ack=Ack(boot_id=published.boot_id, ranges=kept)))
    return answers


def _ranges_of(seqs: Sequence[int]) -> list[SeqRange]:
    ranges: list[SeqRange] = []
    for seq in seqs:
        if ranges and ranges[-1].last_seq == seq - 1:
            ranges[-1].last_seq = seq
        else:
            ranges.append(SeqRange(first_seq=seq, last_seq=seq))
    return ranges
