"""Two vehicles whose autopilot is MAVSDK and that fly toward each other, each on a connection of its own, until both are warned.

Argument: a connection as MAVSDK names it. What they have sent and heard is the last line that is printed, as JSON.
"""
import json
import sys
import time

from mavsdk import ComponentType, Configuration, ConnectionResult, Mavsdk
from mavsdk.plugins.action_server import ActionServer
from mavsdk.plugins.mavlink_direct_server import MavlinkDirectServer
from mavsdk.plugins.telemetry_server import (
    Battery,
    FixType,
    GpsInfo,
    Heading,
    LandedState,
    Position,
    RawGps,
    TelemetryServer,
    VelocityNed,
    VtolState,
)

PERIOD_S = 0.1
LIMIT_S = 25
SPEED_MS = 15
APART_M = 1010
E7_PER_M = 89.932


class Vehicle:
    def __init__(self, system, direction):
        self.direction = direction
        self.sent, self.heard = [], []
        self.mavsdk = Mavsdk(Configuration.create_manual(system, 1, True))
        result = self.mavsdk.add_any_connection(sys.argv[1])
        if result != ConnectionResult.SUCCESS:
            sys.exit(f"Cannot connect to {sys.argv[1]}: {result.name}")
        autopilot = self.mavsdk.server_component_by_type(ComponentType.AUTOPILOT)
        self.actions = ActionServer(autopilot)
        self.actions.set_armed_state(True)
        self.telemetry = TelemetryServer(autopilot)
        self.messages = MavlinkDirectServer(autopilot)
        for name in ["COLLISION", "STATUSTEXT"]:
            self.messages.subscribe_message(name, self.hear)

    def hear(self, message, _):
        fields = json.loads(message.fields_json)
        heard = {"mavpackettype": message.message_name, "system": message.system_id, "signed": False}
        self.heard.append(fields | heard)

    def send(self, now_s):
        telemetry, direction = self.telemetry, self.direction
        north_m = -direction * APART_M / 2 + direction * SPEED_MS * now_s
        lat_e7 = 480_000_000 + round(north_m * E7_PER_M)
        # MAVSDK cuts off what is less than 1e-7 degrees.
        lat, lon = (lat_e7 + 0.5) / 1e7, 85_000_000.5 / 1e7
        heading = 0 if direction > 0 else 180
        telemetry.publish_extended_sys_state(VtolState.UNDEFINED, LandedState.IN_AIR)
        telemetry.publish_unix_epoch_time(int(time.time() * 1e6))
        gps = RawGps(latitude_deg=lat, longitude_deg=lon, absolute_altitude_m=500)
        telemetry.publish_raw_gps(gps, GpsInfo(14, FixType.FIX_3D))
        telemetry.publish_battery(Battery(12.27, 0.87))
        telemetry.publish_position(
            Position(lat, lon, 500, 50), VelocityNed(direction * SPEED_MS, 0, 0), Heading(heading)
        )
        self.sent.append({
            "eventTimeUs": int(time.time() * 1e6),
            "latDeg": lat_e7 / 1e7,
            "lonDeg": 8.5,
            "altMslM": 500,
            "altHomeM": 50,
            "vnMps": direction * SPEED_MS,
            "veMps": 0,
            "vdMps": 0,
            "headingDeg": heading,
            "fixType": 3,
        })

    @property
    def is_warned(self):
        return {"COLLISION", "STATUSTEXT"} <= {message["mavpackettype"] for message in self.heard}


vehicles = {system: Vehicle(system, direction) for system, direction in [(7, 1), (8, -1)]}
began_s = time.time()
while time.time() - began_s < LIMIT_S and not all(vehicle.is_warned for vehicle in vehicles.values()):
    for vehicle in vehicles.values():
        vehicle.send(time.time() - began_s)
    time.sleep(PERIOD_S)
for vehicle in vehicles.values():
    vehicle.mavsdk.destroy()
print(json.dumps({system: {"sent": vehicle.sent, "heard": vehicle.heard} for system, vehicle in vehicles.items()}))
