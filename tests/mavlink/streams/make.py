"""Makes the streams beside this file with pymavlink, and what is expected of each, read with pymavlink:

PYTHONPATH=$(tests/with/pymavlink.sh) python3 tests/mavlink/streams/make.py [--messages N] [--into DIR]
"""
import argparse
import gzip
import json
import os
import random
import sys

os.environ["MAVLINK20"] = "1"
from pymavlink.dialects.v20 import ardupilotmega as m

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from expected import Expected

NOW = 1_790_000_100_000_000
KEY = bytes(range(32))
rnd = random.Random(7)


class Wire:
    """What one component of one vehicle writes, frame by frame."""

    def __init__(self, system, component=1, v1=False, key=None):
        self.buffer = bytearray()
        self.mav = m.MAVLink(self, srcSystem=system, srcComponent=component)
        if v1:
            self.mav.WIRE_PROTOCOL_VERSION = "1.0"
        if key:
            self.mav.signing.secret_key, self.mav.signing.sign_outgoing, self.mav.signing.link_id = key, True, 3
            self.mav.signing.timestamp = (NOW - 1_420_070_400_000_000) // 10

    def write(self, data):
        self.buffer += data

    def frame(self, message):
        self.buffer.clear()
        self.mav.send(message)
        return bytes(self.buffer)


def heartbeat():
    autopilot, kind, mode = rnd.choice(
        [(12, 2, rnd.choice([3, 4]) << 16 | rnd.choice([0, 4, 5, 6, 9]) << 24)]
        + [(3, kind, rnd.choice([0, 3, 5, 6, 9, 10, 11, 12, 20, 21, 26, 27])) for kind in (1, 2, 10, 20)]
    )
    return m.MAVLink_heartbeat_message(kind, autopilot, rnd.choice([1, 129, 217]), mode, rnd.choice([3, 4, 5, 6]), 3)


def battery_status():
    cells = rnd.randint(1, 10)
    voltages = [rnd.randint(3000, 4200) for _ in range(cells)] + [65535] * (10 - cells)
    current, temperature = rnd.choice([-1, rnd.randint(-100, 30_000)]), rnd.choice([32767, rnd.randint(-2000, 8000)])
    further = [3700, 3710, 0, 0] if cells == 10 else [0, 0, 0, 0]
    remaining = rnd.choice([-1, rnd.randint(0, 100)])
    return m.MAVLink_battery_status_message(
        rnd.randint(0, 2), 0, 1, temperature, voltages, current, -1, -1, remaining, 0, rnd.randint(0, 7), further, 0, 0
    )


def system_status():
    voltage, current, remaining = rnd.choice([65535, 0, 15_000]), rnd.choice([-1, 1200]), rnd.choice([-1, 55])
    return m.MAVLink_sys_status_message(1, 1, 1, 500, voltage, current, remaining, 0, 0, 0, 0, 0, 0)


def obstacle_distance(t):
    ring = [rnd.choice([65535, 1001, rnd.randint(20, 1000)]) if rnd.random() < 0.4 else 1001 for _ in range(72)]
    time_us = rnd.choice([0, t * 1000, NOW + t])
    step, offset, frame = rnd.choice([0, 5.0, 2.5]), rnd.choice([0, -90.0, 12.25]), rnd.choice([0, 12, 20])
    return m.MAVLink_obstacle_distance_message(time_us, rnd.randint(0, 3), ring, 5, 20, 1000, step, offset, frame)


def messages(count, boot_ms):
    """One vehicle flying, with everything that Slipstream maps and a good deal that it does not; it boots anew half-way."""
    t, lat, lon = boot_ms, rnd.randint(-9 * 10**8, 9 * 10**8), rnd.randint(-18 * 10**8, 18 * 10**8)
    for i in range(count):
        t = 40 if i == count // 2 and t > 20_000 else t + rnd.randint(20, 120)
        lat, lon = lat + rnd.randint(-300, 300), lon + rnd.randint(-300, 300)
        lat, lon = max(-(9 * 10**8), min(lat, 9 * 10**8)), max(-(18 * 10**8), min(lon, 18 * 10**8))
        r = rnd.random()
        if i % 50 == 10:
            yield m.MAVLink_system_time_message(1_790_000_000_000_000 + t * 1000, t)
        if i % 20 == 0:
            yield heartbeat()
            if i > count // 4:
                yield m.MAVLink_extended_sys_state_message(0, rnd.randint(0, 4))
        if r < 0.45:
            where = rnd.choice([(lat, lon)] * 40 + [(0, 0)])
            velocity = [rnd.randint(-2500, 2500), rnd.randint(-2500, 2500), rnd.randint(-500, 500)]
            heading = rnd.choice([65535, rnd.randint(0, 35_999)])
            altitude = rnd.randint(-(10**5), 10**6), rnd.randint(-(10**4), 10**5)
            yield m.MAVLink_global_position_int_message(t, *where, *altitude, *velocity, heading)
        elif r < 0.55:
            accuracy = [rnd.choice([0, rnd.randint(1, 50_000)]), rnd.choice([0, rnd.randint(1, 50_000)])]
            satellites = rnd.choice([255, rnd.randint(0, 30)])
            yield m.MAVLink_gps_raw_int_message(
                t * 1000, rnd.randint(0, 8), lat, lon, 50_000, 100, 120, 500, 9000, satellites, 51_000, *accuracy, 10, 20, 0
            )
        elif r < 0.58:
            yield system_status()
        elif r < 0.65 and i > count // 8:
            yield battery_status()
        elif r < 0.72:
            yield obstacle_distance(t)
        elif r < 0.78:
            look = rnd.choice([0, 1, 4, 7, 24, 25, 12])
            yield m.MAVLink_distance_sensor_message(t, 20, 4000, rnd.randint(10, 4200), 0, rnd.randint(0, 3), look, 255)
        elif r < 0.80:
            yield m.MAVLink_fence_status_message(rnd.randint(0, 1), 1, 1, t)
        elif r < 0.90:
            yield m.MAVLink_attitude_message(t, 0.1, 0.2, 0.3, 0, 0, 0)
        elif r < 0.96:
            yield m.MAVLink_vfr_hud_message(1, 2, 3, 4, 5, 6)
        else:
            yield m.MAVLink_statustext_message(6, b"hello, \xfd\xfe world", 0, 0)


def noise(frame):
    """What a bad radio makes of a frame, or puts before it."""
    what = rnd.random()
    if what < 0.3:
        return bytes(rnd.randrange(256) for _ in range(rnd.randint(1, 60)))
    if what < 0.5:
        return frame[: rnd.randint(1, len(frame) - 1)]
    if what < 0.8:
        bad = bytearray(frame)
        bad[rnd.randint(1, len(bad) - 1)] ^= 1 << rnd.randint(0, 7)
        return bytes(bad)
    return rnd.choice([bytes([0xFD, 255, 0, 0]), bytes([0xFE, 255])])


def make(name, count, into, v1=False, key=None, noisy=False, systems=(1,)):
    out, expected = bytearray(), Expected(NOW)
    alive = [(Wire(s, 1, v1, key), Wire(s, 191, v1, key), messages(count, 30_000 + 1000 * s)) for s in systems]
    while alive:
        autopilot, companion, rest = vehicle = rnd.choice(alive)
        message = next(rest, None)
        if message is None:
            alive.remove(vehicle)
            continue
        if v1 and message.get_msgId() > 255:
            continue
        # What a companion computer has measured, it may send by itself.
        sensors = message.get_type() in ("OBSTACLE_DISTANCE", "DISTANCE_SENSOR", "ATTITUDE")
        frame = (companion if sensors and rnd.random() < 0.3 else autopilot).frame(message)
        if noisy and rnd.random() < 0.05:
            out += noise(frame)
        out += frame
        expected.saw_bytes(frame)
    stream = dict(nowUs=NOW, key=key.hex() if key else None, messages=expected.messages, records=expected.records)
    save(f"{into}/{name}", out, stream)
    print(f"{name}: {len(out)} bytes, {expected.messages} messages, {len(expected.records)} records")


def save(path, out, expected):
    with open(f"{path}.bin", "wb") as file:
        file.write(out)
    with gzip.GzipFile(f"{path}.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(expected, separators=(",", ":")).encode())


def make_traffic(into):
    """What receivers on board pass on of other aircraft; each with what is to be heard of it."""
    wire, out, traffic = Wire(9, 156), bytearray(), []
    mac, own = list(bytes.fromhex("0a1b2c3d4e5f")) + [0] * 14, [0] * 20
    identity = list(b"1581F5BK2256Q00A0001")
    here = dict(latE7=473_977_418, lonE7=85_455_938)
    remote = dict(source="remote-id", address="0a1b2c3d4e5f", crewed=False, ageS=None, **here)
    unknown = dict(altitude=None, trackCdeg=None, speedCms=None, climbCms=None)

    def add(message, expected=None):
        out.extend(wire.frame(message))
        traffic.extend([expected] if expected else [])

    lat, lon = here.values()
    add(
        m.MAVLink_adsb_vehicle_message(0x4B1805, lat, lon, 1, 1_200_000, 27_000, 6000, -250, b"SWR123  ", 3, 2, 0x9F, 7000),
        dict(source="ads-b", address="4b1805", name="SWR123", category=3, crewed=True, **here, airborne=None, ageS=2)
        | dict(altitude=dict(mm=1_200_000, above="sea"), trackCdeg=27_000, speedCms=6000, climbCms=-250),
    )
    add(
        m.MAVLink_adsb_vehicle_message(0xABC, lat, lon, 0, 900_000, 65_535, 65_535, 32_767, b"", 14, 0, 3, 0),
        dict(source="ads-b", address="000abc", name=None, category=14, crewed=False, **here, airborne=None, ageS=0)
        | unknown
        | dict(altitude=dict(mm=900_000, above="pressure")),
    )
    add(m.MAVLink_adsb_vehicle_message(0xDEF, lat, lon, 0, 0, 0, 0, 0, b"", 0, 0, 0x9E, 0))

    def location(mac, status, track, speed, climb, where, barometric, geodetic):
        return m.MAVLink_open_drone_id_location_message(
            0, 0, mac, status, track, speed, climb, *where, barometric, geodetic, 0, 50, 10, 4, 0, 0, 60, 0
        )

    add(
        location(mac, 2, 9000, 1234, -300, (lat, lon), 400, 450.5),
        remote
        | dict(name=None, category=0, airborne=True, trackCdeg=9000, speedCms=1234, climbCms=-300)
        | dict(altitude=dict(mm=450_500, above="ellipsoid")),
    )
    add(m.MAVLink_open_drone_id_basic_id_message(0, 0, mac, 1, 2, identity))
    named = dict(name="1581F5BK2256Q00A0001", category=2)
    add(
        location(mac, 1, 36_100, 25_500, 6300, (lat, lon), 400, -1000),
        remote | named | unknown | dict(airborne=False, altitude=dict(mm=400_000, above="pressure")),
    )
    still = dict(altitude=None, trackCdeg=0, speedCms=0, climbCms=0, airborne=None)
    add(location(mac, 0, 0, 0, 0, (lat, lon), -1000, -1000), remote | named | still)
    add(location(mac, 2, 0, 0, 0, (0, 0), 0, 0))
    add(location(own, 2, 0, 0, 0, (lat, lon), 0, 0))
    save(f"{into}/traffic", out, dict(nowUs=NOW, traffic=traffic))
    print(f"traffic: {len(out)} bytes, {len(traffic)} aircraft")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=1500, help="of each stream")
    options.add_argument("--into", default=os.path.dirname(os.path.abspath(__file__)))
    chosen = options.parse_args()
    n, folder = chosen.messages, chosen.into
    make("v2", n, folder)
    make("v1", n, folder, v1=True)
    make("signed", n, folder, key=KEY)
    make("noisy", n, folder, noisy=True)
    make("fleet", n // 5, folder, systems=(1, 2, 7, 42, 200))
    make_traffic(folder)
