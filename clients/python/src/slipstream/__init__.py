"""A drone's side of Slipstream: sends telemetry to an edge, keeps it until it is on disk, and hears warnings."""

from .client import Counters
from .downlink import LossReason
from .drone import Drone
from .measurement import BatteryFields, HitFields, Measurement, ObstacleFields, PositionFields
from .problem import EdgeRefusal, FieldError, LossError
from .tokens import TokenSource
from .transport import Connection, End, Listener, Transport
from .v1.alert_pb2 import Alert

__all__ = [
    "Alert",
    "BatteryFields",
    "Connection",
    "Counters",
    "Drone",
    "EdgeRefusal",
    "End",
    "FieldError",
    "HitFields",
    "Listener",
    "LossError",
    "LossReason",
    "Measurement",
    "ObstacleFields",
    "PositionFields",
    "TokenSource",
    "Transport",
]
