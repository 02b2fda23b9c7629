"""What Slipstream should hear of a stream, read with pymavlink: docs/mavlink.md's mapping once more, in another language."""
import os

os.environ["MAVLINK20"] = "1"
from pymavlink.dialects.v20 import ardupilotmega as m

UNIX_2015 = 1_420_070_400_000_000
COPTER = {3: 4, 6: 16, 21: 16, 27: 16, 9: 32}
PLANE = {10: 4, 11: 16, 21: 16, 20: 32, 26: 32}
ROVER = {10: 4, 11: 16, 12: 16}
PX4 = {(4, 4): 4, (4, 5): 16, (4, 6): 32, (4, 9): 32}
LOOKS = {**{yaw: (yaw * 4500, 0) for yaw in range(8)}, 24: (0, 9000), 25: (0, -9000)}


def known(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def unless(value, unknown):
    return None if value == unknown else value


def percent(value):
    return value * 100 if 0 <= value <= 100 else None


class Vehicle:
    def __init__(self):
        self.boot_ms, self.boot_us, self.synced = 0, None, False
        self.seq, self.mode, self.active, self.landed, self.fence = 0, 0, False, None, 0
        self.fix, self.has_battery_status = None, False

    @property
    def flags(self):
        in_air = self.landed if self.landed is not None else 2 if self.active and self.mode & 1 else 0
        return self.mode | in_air | self.fence


class Expected:
    """Everything arrives at one moment, `now`: how late a link is changes nothing of what is expected."""

    def __init__(self, now):
        self.now, self.vehicles, self.records, self.messages = now, {}, [], 0
        self.parser = m.MAVLink(None)
        self.parser.robust_parsing = True

    def saw_bytes(self, frame):
        for message in self.parser.parse_buffer(frame) or []:
            self.saw(message)

    def saw(self, x):
        name, system, component = x.get_type(), x.get_srcSystem(), x.get_srcComponent()
        if name == "BAD_DATA" or name.startswith("UNKNOWN") or not 1 <= system <= 250:
            return
        self.messages += 1
        tell = getattr(self, name, None)
        if tell is None:
            return
        if component == 1 or name in ("BATTERY_STATUS", "OBSTACLE_DISTANCE", "DISTANCE_SENSOR"):
            tell(self.vehicles.setdefault(system, Vehicle()), x, component == 1)

    def record(self, x, vehicle, time_us, kind, body):
        vehicle.seq += 1
        self.records.append([x.get_srcSystem(), vehicle.seq, time_us, vehicle.flags, kind, body])

    def at(self, vehicle, boot_ms):
        if vehicle.boot_ms - boot_ms > 5_000:
            vehicle.__init__()
        vehicle.boot_ms = max(vehicle.boot_ms, boot_ms)
        if not vehicle.synced:
            guess = self.now - boot_ms * 1000
            vehicle.boot_us = guess if vehicle.boot_us is None else min(vehicle.boot_us, guess)
        return vehicle.boot_us + boot_ms * 1000

    def latest(self, vehicle):
        return vehicle.boot_us + vehicle.boot_ms * 1000 if vehicle.synced else self.now

    def HEARTBEAT(self, vehicle, x, _):
        mode = x.custom_mode
        flight = 0
        if x.autopilot == 12:
            flight = PX4.get((mode >> 16 & 255, mode >> 24), 0)
        elif x.autopilot == 3:
            modes = PLANE if x.type == 1 or 19 <= x.type <= 25 else ROVER if x.type in (10, 11) else COPTER
            flight = modes.get(mode, 0)
        vehicle.active = x.system_status in (4, 5, 6)
        vehicle.mode = (1 if x.base_mode & 128 else 0) | (8 if x.system_status in (5, 6) else 0) | flight

    def SYSTEM_TIME(self, vehicle, x, _):
        self.at(vehicle, x.time_boot_ms)
        if UNIX_2015 < x.time_unix_usec < 2**32 * 10**6:
            vehicle.boot_us, vehicle.synced = x.time_unix_usec - x.time_boot_ms * 1000, True

    def EXTENDED_SYS_STATE(self, vehicle, x, _):
        vehicle.landed = {1: 0, 2: 2, 3: 2, 4: 34}.get(x.landed_state)

    def FENCE_STATUS(self, vehicle, x, _):
        vehicle.fence = 64 if x.breach_status else 0

    def GPS_RAW_INT(self, vehicle, x, _):
        vehicle.fix = x

    def GLOBAL_POSITION_INT(self, vehicle, x, _):
        time_us = self.at(vehicle, x.time_boot_ms)
        if abs(x.lat) > 900_000_000 or abs(x.lon) > 1_800_000_000 or (x.lat == 0 and x.lon == 0):
            return
        body = known(latE7=x.lat, lonE7=x.lon, altMslMm=x.alt, altHomeMm=x.relative_alt, vnCms=x.vx, veCms=x.vy, vdCms=x.vz)
        body["fixType"] = 0
        if x.hdg != 65535:
            body["headingCdeg"] = x.hdg % 36_000
        if vehicle.fix:
            fix = vehicle.fix
            body |= known(hAccMm=unless(fix.h_acc, 0), vAccMm=unless(fix.v_acc, 0), satellites=unless(fix.satellites_visible, 255))
            body["fixType"] = fix.fix_type if fix.fix_type <= 6 else 3
        self.record(x, vehicle, time_us, "position", body)

    def BATTERY_STATUS(self, vehicle, x, _):
        vehicle.has_battery_status = True
        voltage = sum(mv for mv in x.voltages if mv != 65535) + sum(mv for mv in x.voltages_ext if mv not in (0, 65535))
        charge_state = x.charge_state if x.charge_state <= 7 else 0
        self.battery(vehicle, x, x.id, voltage, charge_state, unless(x.temperature, 32767))

    def SYS_STATUS(self, vehicle, x, _):
        if not vehicle.has_battery_status:
            self.battery(vehicle, x, 0, x.voltage_battery % 65535, 0, None)

    def battery(self, vehicle, x, pack, voltage_mv, charge_state, temperature):
        body = known(
            voltageMv=unless(voltage_mv, 0),
            currentCa=unless(x.current_battery, -1),
            remainingCpct=percent(x.battery_remaining),
            temperatureCdegc=temperature,
        )
        if body or charge_state:
            self.record(x, vehicle, self.latest(vehicle), "battery", {**body, "id": pack, "chargeState": charge_state})

    def OBSTACLE_DISTANCE(self, vehicle, x, is_autopilot):
        step = x.increment_f or x.increment
        seen = [(cm, i) for i, cm in enumerate(x.distances) if x.min_distance <= cm <= x.max_distance and cm != 65535]
        nearest = sorted(sorted(seen)[:16], key=lambda hit: hit[1])
        hits = [[round((x.angle_offset + step * i) * 100) % 36_000, 0, cm] for cm, i in nearest]
        time_us = self.now
        if x.time_usec > UNIX_2015:
            time_us = x.time_usec
        elif x.time_usec and is_autopilot and vehicle.boot_us is not None:
            time_us = vehicle.boot_us + x.time_usec
        body = dict(sensorId=1000 + x.sensor_type, frame=int(x.frame != 0), maxRangeCm=x.max_distance, hits=hits)
        self.record(x, vehicle, time_us, "obstacles", body)

    def DISTANCE_SENSOR(self, vehicle, x, is_autopilot):
        time_us = self.at(vehicle, x.time_boot_ms) if is_autopilot else self.now
        if x.orientation not in LOOKS:
            return
        bearing, elevation = LOOKS[x.orientation]
        sees = x.min_distance <= x.current_distance <= x.max_distance
        hits = [[bearing, elevation, x.current_distance]] if sees else []
        self.record(x, vehicle, time_us, "obstacles", dict(sensorId=x.id, frame=1, maxRangeCm=x.max_distance, hits=hits))
