"""Records → the bytes of one message, and how many of them fit into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .v1.telemetry_pb2 import Telemetry, TelemetryFrame


@dataclass(frozen=True)
class DroneIdentity:
    drone_id: str
    boot_id: int
    group: str = ""


@dataclass(frozen=True)
class FrameLimits:
    """What an edge takes in one frame: encoded, in bytes, and in records."""

    bytes_max: int
    records_max: int


FRAME_LIMITS = FrameLimits(bytes_max=65_536, records_max=64)
"""The longest frame of the contract; and records enough for one, so that a rate limit lets it pass."""


def encode_frame(identity: DroneIdentity, records: Sequence[Telemetry]) -> bytes:
    frame = TelemetryFrame(drone_id=identity.drone_id, boot_id=identity.boot_id, records=records, group=identity.group)
    return frame.SerializeToString()


def fit_frame(
    identity: DroneIdentity, records: list[Telemetry], *, bytes_max: int, newest: bool
) -> tuple[bytes, list[Telemetry]]:
    """As many of the records as fit, from one end of the list; one at least, whatever its length."""
    count = len(records)
    while True:
        fitting = records[-count:] if newest else records[:count]
        frame = encode_frame(identity, fitting)
        if len(frame) <= bytes_max or count <= 1:
            return frame, fitting
        count = max(1, min(count - 1, count * bytes_max // len(frame)))
