"""A vehicle by pymavlink that hovers, with a receiver of ADS-B on board: it passes on an aeroplane that flies at it, and hears
what it is told of that: the first message of each kind, of a text its first part.

Arguments: a connection as mavutil names it, and a key in hexadecimal by which it signs. What it has heard is printed at the end,
as JSON.
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
LAT, LON, ALT_MM = 480_000_000, 85_000_000, 500_000
ICAO = 0x4CA123
SPEED_CMS = 6000
APART_M = 2500
E7_PER_M = 89.932
COORDINATES_ALTITUDE_HEADING_VELOCITY_CALLSIGN = 1 | 2 | 4 | 8 | 16
WANTED = {"COLLISION", "STATUSTEXT", "ADSB_VEHICLE"}

link = mavutil.mavlink_connection(sys.argv[1], source_system=7, source_component=1)
link.setup_signing(bytes.fromhex(sys.argv[2]), sign_outgoing=True)
began_s = time.time()
began_us = int(began_s * 1000) * 1000
heard = {}
while time.time() - began_s < LIMIT_S and not WANTED <= set(heard):
    boot_ms = int((time.time() - began_s) * 1000)
    link.mav.heartbeat_send(2, 3, 128 | 1, 0, 4)
    link.mav.system_time_send(began_us + boot_ms * 1000, boot_ms)
    link.mav.gps_raw_int_send(began_us, 3, LAT, LON, ALT_MM, 65535, 65535, 0, 0, 14, 0, 600, 900)
    link.mav.global_position_int_send(boot_ms, LAT, LON, ALT_MM, 50_000, 0, 0, 0, 0)
    north_m = APART_M - SPEED_CMS / 100 * boot_ms / 1000
    link.mav.adsb_vehicle_send(
        ICAO, LAT + round(north_m * E7_PER_M), LON, 1, ALT_MM, 18_000, SPEED_CMS, 0, b"HBXYZ\0\0\0\0", 1, 0,
        COORDINATES_ALTITUDE_HEADING_VELOCITY_CALLSIGN, 0,
    )
    while message := link.recv_match(blocking=False):
        if message.get_type() != "BAD_DATA":
            heard.setdefault(message.get_type(), dict(message.to_dict(), signed=message.get_signed()))
    time.sleep(PERIOD_S)
print(json.dumps(heard))
