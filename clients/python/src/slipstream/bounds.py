"""Between what each number of a record must be: what its protobuf type holds, and what its unit allows."""

from __future__ import annotations

from collections.abc import Mapping

from .problem import FieldError

Bounds = tuple[int, int]
"""Both ends are allowed."""

UINT32: Bounds = (0, 2**32 - 1)
SINT32: Bounds = (-(2**31), 2**31 - 1)

POSITION: dict[str, Bounds] = {
    "lat_e7": (-900_000_000, 900_000_000),
    "lon_e7": (-1_800_000_000, 1_800_000_000),
    **dict.fromkeys(("alt_msl_mm", "alt_home_mm", "vn_cms", "ve_cms", "vd_cms"), SINT32),
    "heading_cdeg": (0, 35_999),
    **dict.fromkeys(("h_acc_mm", "v_acc_mm", "fix_type", "satellites"), UINT32),
}
BATTERY: dict[str, Bounds] = {
    **dict.fromkeys(("id", "voltage_mv"), UINT32),
    "current_ca": SINT32,
    "remaining_cpct": (0, 10_000),
    "temperature_cdegc": SINT32,
    "charge_state": UINT32,
}
SCAN: dict[str, Bounds] = {"sensor_id": UINT32, "frame": (0, 1), "max_range_cm": UINT32}
HIT: dict[str, Bounds] = {
    "bearing_cdeg": SINT32,
    "elevation_cdeg": SINT32,
    "range_cm": UINT32,
    "range_rate_cms": SINT32,
}


def check_fields(name: str, fields: Mapping[str, object], bounds: Mapping[str, Bounds]) -> None:
    """Raises FieldError, naming the first of the fields that is unknown, or not between its bounds."""
    for field, value in fields.items():
        if field not in bounds:
            raise FieldError(f"{name}.{field}", f"a record has {', '.join(bounds)} there")
        check_whole(f"{name}.{field}", value, bounds[field])


def check_whole(name: str, value: object, bounds: Bounds) -> None:
    """Raises FieldError."""
    least, most = bounds
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise FieldError(name, f"it must be a whole number from {least} to {most}", value=value)


def check_text(name: str, value: object, bounds: Bounds) -> None:
    """Raises FieldError for what is not UTF-8 of so many bytes at least and at most."""
    least, most = bounds
    why = f"it must be {least} to {most} bytes of UTF-8"
    if not isinstance(value, str):
        raise FieldError(name, why, value=value)
    try:
        count = len(value.encode())
    except UnicodeEncodeError as error:
        raise FieldError(name, why, value=value) from error
    if not least <= count <= most:
        raise FieldError(name, why, value=f"{count} bytes")
