"""Two drones in Python that fly at each other until both have been warned; prints of what."""

import asyncio
import sys

import slipstream
from slipstream.v1 import alert_pb2, telemetry_pb2


async def main(edge: str, name: str) -> None:
    warned: dict[str, slipstream.Alert] = {}

    def fly(drone_id: str) -> slipstream.Drone:
        return slipstream.Drone(
            drone_id=drone_id, edges=[edge], on_alert=lambda alert: warned.setdefault(drone_id, alert) and None
        )

    flags = telemetry_pb2.RECORD_FLAG_ARMED | telemetry_pb2.RECORD_FLAG_IN_AIR
    async with fly(f"{name}-1") as south, fly(f"{name}-2") as north:
        t = 0.0
        while len(warned) < 2:
            for side, drone in ((-1, south), (1, north)):
                drone.send(
                    position={
                        "lat_e7": 480_000_000 + round(side * (505 - 15 * t) * 89.932),
                        "lon_e7": 80_000_000,
                        "alt_msl_mm": 500_000,
                        "vn_cms": -side * 1500,
                        "fix_type": 3,
                        "h_acc_mm": 500,
                    },
                    flags=flags,
                )
            t += 0.1
            await asyncio.sleep(0.1)
    for alert in warned.values():
        kind = alert_pb2.AlertKind.Name(alert.kind).removeprefix("ALERT_KIND_")
        severity = alert_pb2.AlertSeverity.Name(alert.severity).removeprefix("ALERT_SEVERITY_")
        print(kind, severity, alert.WhichOneof("what"))


asyncio.run(main(*sys.argv[1:]))
