"""What cannot be used is refused by the name of its field, and nothing is taken."""

from typing import Any

import pytest
from rig import EDGE, PLACE, Rig, settle

from slipstream import BatteryFields, FieldError, HitFields, ObstacleFields, PositionFields, bounds
from slipstream.v1.telemetry_pb2 import Battery, ObstacleScan, Position

BAD_SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("drone_id", {"drone_id": ""}),
    ("drone_id", {"drone_id": "ä" * 33}),
    ("drone_id", {"drone_id": "\ud800"}),
    ("drone_id", {"drone_id": 7}),
    ("group", {"group": "g" * 65}),
    ("edges", {"edges": []}),
    ("edges", {"edges": EDGE}),
    ("edges", {"edges": [EDGE, "http://edge/v1/telemetry"]}),
    ("edges", {"edges": ["ws://"]}),
    ("edges", {"edges": ["ws://[/v1/telemetry"]}),
    ("records_max", {"records_max": 0}),
]
BAD_MEASUREMENTS: list[tuple[str, dict[str, Any]]] = [
    ("position.lat_e7", {"position": {**PLACE, "lat_e7": 900_000_001}}),
    ("position.lat_e7", {"position": {**PLACE, "lat_e7": 47.4}}),
    ("position.lat_e7", {"position": {**PLACE, "lat_e7": True}}),
    ("position.lat_e7", {"position": {"lon_e7": 1}}),
    ("position.lon_e7", {"position": {**PLACE, "lon_e7": None}}),
    ("position.alt_msl_mm", {"position": {**PLACE, "alt_msl_mm": 2**31}}),
    ("position.heading_cdeg", {"position": {**PLACE, "heading_cdeg": 36_000}}),
    ("position.h_acc_mm", {"position": {**PLACE, "h_acc_mm": -1}}),
    ("position.altitude", {"position": {**PLACE, "altitude": 3}}),
    ("battery.remaining_cpct", {"battery": {"remaining_cpct": 10_001}}),
    ("battery.voltage_mv", {"battery": {"voltage_mv": "15000"}}),
    ("obstacles.frame", {"obstacles": {"frame": 2}}),
    ("obstacles.hits[1].range_cm", {"obstacles": {"hits": [{"range_cm": 1}, {"range_cm": 2**32}]}}),
    ("obstacles.hits", {"obstacles": {"hits": [{"bearing_cdeg": 9000, "range_cm": 9000}] * 9000}}),
    ("flags", {"position": PLACE, "flags": -1}),
    ("event_time_us", {"position": PLACE, "event_time_us": -1}),
    ("event_time_us", {"position": PLACE, "event_time_us": 2**32 * 1_000_000}),
    ("position", {}),
    ("velocity", {"velocity": 3}),
]


@pytest.mark.parametrize(("field", "settings"), BAD_SETTINGS)
def test_setting_that_cannot_be_used_is_named(field: str, settings: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match=f"^Cannot use {field}") as told:
        Rig().drone(**settings)
    assert told.value.field == field


@pytest.mark.parametrize(("field", "measurement"), BAD_MEASUREMENTS)
async def test_field_that_no_record_can_hold_is_named(field: str, measurement: dict[str, Any]) -> None:
    async with Rig().drone() as drone:
        with pytest.raises(FieldError, match="^Cannot use ") as told:
            drone.send(**measurement)
        assert (told.value.field, drone.unacknowledged) == (field, 0)
        assert drone.send(position=PLACE, battery={}, obstacles={}) == [1, 2, 3]


def test_every_field_of_the_contract_may_be_used() -> None:
    tables: list[tuple[Any, dict[str, Any], Any]] = [
        (Position, bounds.POSITION, PositionFields),
        (Battery, bounds.BATTERY, BatteryFields),
        (ObstacleScan, {**bounds.SCAN, "hits": None}, ObstacleFields),
        (ObstacleScan.Hit, bounds.HIT, HitFields),
    ]
    for message, own, typed in tables:
        names = {field.name for field in message.DESCRIPTOR.fields}
        assert names == set(own) == set(typed.__annotations__) | set(typed.__required_keys__)


async def test_every_number_that_a_record_can_hold_may_be_used_and_the_longest_id() -> None:
    rig = Rig()
    async with rig.drone(drone_id="ä" * 32, group="g" * 64) as drone:
        drone.send(position={"lat_e7": -900_000_000, "lon_e7": -1_800_000_000, "alt_msl_mm": -(2**31)}, event_time_us=0)
        drone.send(
            position={"lat_e7": 900_000_000, "lon_e7": 1_800_000_000, "alt_msl_mm": 2**31 - 1},
            event_time_us=2**32 * 1_000_000 - 1,
            flags=2**32 - 1,
        )
        rig.connection.accept()
        await settle()
        assert rig.connection.seqs == [[1, 2]]
        assert (rig.connection.sent[0].drone_id, rig.connection.sent[0].group) == ("ä" * 32, "g" * 64)
