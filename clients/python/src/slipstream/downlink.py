"""What an edge says to a drone, read; and which of its refusals are final."""

from __future__ import annotations

from typing import Literal

from google.protobuf.message import DecodeError

from .v1 import downlink_pb2
from .v1.downlink_pb2 import DroneDownlink

LossReason = Literal["shed", "expired", "rejected", "invalid", "unreadable", "crowded-out"]
"""Why records are lost: what an edge says that is final; "unreadable": it never read a frame with this record alone;
"crowded-out": newer ones took its place, though the edge may have it."""

FINAL: dict[int, LossReason] = {
    downlink_pb2.REFUSAL_REASON_SHED: "shed",
    downlink_pb2.REFUSAL_REASON_EXPIRED: "expired",
    downlink_pb2.REFUSAL_REASON_REJECTED: "rejected",
    downlink_pb2.REFUSAL_REASON_INVALID: "invalid",
}


def read_downlink(message: bytes) -> DroneDownlink | None:
    """None for what is not a DroneDownlink: whoever sent it is not an edge."""
    try:
        return DroneDownlink.FromString(message)
    except DecodeError:
        return None
