"""What a drone measured, as its software has it, made records; what no record can hold is refused, by the field's name.

Fields and units are those of telemetry.proto.
"""

from __future__ import annotations

from typing import TypedDict

from .bounds import BATTERY, HIT, POSITION, SCAN, UINT32, check_fields, check_whole
from .problem import FieldError
from .v1.telemetry_pb2 import Battery, ObstacleScan, Position, Telemetry


class _Place(TypedDict):
    lat_e7: int
    lon_e7: int


class PositionFields(_Place, total=False):
    alt_msl_mm: int
    alt_home_mm: int
    vn_cms: int
    ve_cms: int
    vd_cms: int
    heading_cdeg: int
    h_acc_mm: int
    v_acc_mm: int
    fix_type: int
    satellites: int


class BatteryFields(TypedDict, total=False):
    id: int
    voltage_mv: int
    current_ca: int
    remaining_cpct: int
    temperature_cdegc: int
    charge_state: int


class HitFields(TypedDict, total=False):
    bearing_cdeg: int
    elevation_cdeg: int
    range_cm: int
    range_rate_cms: int


class ObstacleFields(TypedDict, total=False):
    sensor_id: int
    frame: int
    max_range_cm: int
    hits: list[HitFields]


class Measurement(TypedDict, total=False):
    """Measured at one time: one record of each that is there."""

    position: PositionFields | None
    battery: BatteryFields | None
    obstacles: ObstacleFields | None
    flags: int
    event_time_us: int


_EVENT_TIME_US: tuple[int, int] = (0, 2**32 * 1_000_000 - 1)


def records_of(measurement: Measurement, *, seq: int, now_us: int) -> list[Telemetry]:
    """Records numbered from `seq` on, in the order position, battery, obstacles.

    Raises FieldError, naming the first field that no record can hold.
    """
    strange = next((name for name in measurement if name not in Measurement.__annotations__), None)
    if strange is not None:
        raise FieldError(strange, f"a measurement has {', '.join(Measurement.__annotations__)}")
    flags = measurement.get("flags", 0)
    event_time_us = measurement.get("event_time_us", now_us)
    check_whole("flags", flags, UINT32)
    check_whole("event_time_us", event_time_us, _EVENT_TIME_US)
    records: list[Telemetry] = []

    def head() -> Telemetry:
        return Telemetry(seq=seq + len(records), event_time_us=event_time_us, flags=flags)

    position = measurement.get("position")
    if position is not None:
        check_fields("position", position, POSITION)
        for name in ("lat_e7", "lon_e7"):
            if name not in position:
                raise FieldError(f"position.{name}", "a position has one")
        record = head()
        record.position.CopyFrom(Position(**position))
        records.append(record)
    battery = measurement.get("battery")
    if battery is not None:
        check_fields("battery", battery, BATTERY)
        record = head()
        record.battery.CopyFrom(Battery(**battery))
        records.append(record)
    obstacles = measurement.get("obstacles")
    if obstacles is not None:
        record = head()
        record.obstacles.CopyFrom(_scan(obstacles))
        records.append(record)
    if not records:
        raise FieldError("position", "a measurement has a position, a battery or obstacles")
    return records


def _scan(fields: ObstacleFields) -> ObstacleScan:
    own = {name: value for name, value in fields.items() if name != "hits"}
    check_fields("obstacles", own, SCAN)
    hits = fields.get("hits", [])
    for i, hit in enumerate(hits):
        check_fields(f"obstacles.hits[{i}]", hit, HIT)
    return ObstacleScan(
        sensor_id=fields.get("sensor_id", 0),
        frame=fields.get("frame", 0),
        max_range_cm=fields.get("max_range_cm", 0),
        hits=[ObstacleScan.Hit(**hit) for hit in hits],
    )
