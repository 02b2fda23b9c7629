"""Two vehicles by pymavlink that fly toward each other, each on a connection of its own, until both are warned.

Arguments: a connection as mavutil names it, and a key in hexadecimal by which they sign, if any. What they have sent and heard
is printed at the end, as JSON.
"""
import json
import os
import sys
import time

os.environ["MAVLINK20"] = "1"
os.environ["MAVLINK_DIALECT"] = "ardupilotmega"
from pymavlink import mavutil

PERIOD_S = 0.1
LIMIT_S = 25
SPEED_CMS = 1500
APART_M = 1010
E7_PER_M = 89.932
BATTERY_MV = [4100, 4090, 4080] + [65535] * 7

connection = sys.argv[1]
key = bytes.fromhex(sys.argv[2]) if len(sys.argv) > 2 else None
began_s = time.time()
began_us = int(began_s * 1000) * 1000


class Vehicle:
    def __init__(self, system, direction):
        self.system, self.direction = system, direction
        self.sent, self.heard = [], []
        self.link = mavutil.mavlink_connection(connection, source_system=system, source_component=1)
        if key:
            self.link.setup_signing(key, sign_outgoing=True)

    def send(self, boot_ms):
        mav, direction = self.link.mav, self.direction
        north_m = -direction * APART_M / 2 + direction * SPEED_CMS / 100 * boot_ms / 1000
        lat = 480_000_000 + round(north_m * E7_PER_M)
        heading = 0 if direction > 0 else 18_000
        mav.heartbeat_send(2, 3, 128 | 1, 0, 4)
        mav.system_time_send(began_us + boot_ms * 1000, boot_ms)
        mav.gps_raw_int_send(began_us, 3, lat, 85_000_000, 500_000, 65535, 65535, 1500, 0, 14, 0, 600, 900)
        mav.battery_status_send(0, 0, 1, 32767, BATTERY_MV, 1234, -1, -1, 87)
        mav.global_position_int_send(
            boot_ms, lat, 85_000_000, 500_000, 50_000, direction * SPEED_CMS, 0, 0, heading
        )
        self.sent.append({
            "eventTimeUs": began_us + boot_ms * 1000,
            "latDeg": lat / 1e7,
            "lonDeg": 8.5,
            "altMslM": 500,
            "altHomeM": 50,
            "vnMps": direction * SPEED_CMS / 100,
            "veMps": 0,
            "vdMps": 0,
            "headingDeg": heading / 100,
            "fixType": 3,
        })

    def hear(self):
        while message := self.link.recv_match(blocking=False):
            if message.get_type() != "BAD_DATA":
                self.heard.append(dict(message.to_dict(), system=message.get_srcSystem(), signed=message.get_signed()))

    @property
    def is_warned(self):
        return {"COLLISION", "STATUSTEXT"} <= {message["mavpackettype"] for message in self.heard}


vehicles = [Vehicle(7, 1), Vehicle(8, -1)]
while time.time() - began_s < LIMIT_S and not all(vehicle.is_warned for vehicle in vehicles):
    for vehicle in vehicles:
        vehicle.send(int((time.time() - began_s) * 1000))
        vehicle.hear()
    time.sleep(PERIOD_S)
print(json.dumps({vehicle.system: {"sent": vehicle.sent, "heard": vehicle.heard} for vehicle in vehicles}))
