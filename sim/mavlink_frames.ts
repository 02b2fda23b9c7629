// Records as an autopilot would have sent them: frames of MAVLink 2, without signatures.
import type { Battery, ObstacleScan, Position, Telemetry } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { RecordFlag } from "../proto/gen/slipstream/v1/telemetry_pb.ts";

/** [id, what the checksum ends with, bytes of the whole payload] */
const MESSAGES = {
  heartbeat: [0, 50, 9],
  systemTime: [2, 137, 12],
  gpsRaw: [24, 24, 52],
  position: [33, 104, 28],
  battery: [147, 154, 54],
  fence: [162, 189, 8],
  landed: [245, 130, 2],
  obstacles: [330, 23, 167],
} as const;
const MAGIC = 0xfd;
const HEADER_BYTES = 10;
const SYSTEM = 1;
const AUTOPILOT = 1;
/** A quadrotor with PX4, which says by its mode what it does. */
const [QUADROTOR, PX4] = [2, 12];
const PX4_AUTO = 4 << 16;
const Px4Auto = { loiter: 3, mission: 4, rtl: 5, land: 6 } as const;
const State = { standby: 3, active: 4, emergency: 6 } as const;
const Landed = { onGround: 1, inAir: 2, landing: 4 } as const;
const BEARINGS = 72;
const BEARING_CDEG = 36_000 / BEARINGS;
const BODY_FRD = 12;
const NOT_KNOWN = { u16: 0xffff, i16: 0x7fff };

const crcs = Uint16Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0x8408 : byte >>> 1;
  return byte;
});

export class MavlinkFrames {
  #sequence = 0;
  #flags = -1;
  #bootUs: number | null = null;
  #toldUs = -Infinity;

  /** In the order in which they are to be sent. */
  of(record: Telemetry): Uint8Array<ArrayBuffer>[] {
    const eventTimeUs = Number(record.eventTimeUs);
    // A whole number of ms, by which times since the boot are told.
    const bootMs = Math.floor((eventTimeUs - (this.#bootUs ??= eventTimeUs - 1_000_000)) / 1000);
    const frames = this.#ofVehicle(record.flags, { eventTimeUs, bootMs });
    const { body } = record;
    if (body.case === "position") frames.push(...this.#position(body.value, { eventTimeUs, bootMs }));
    else if (body.case === "battery") frames.push(this.#battery(body.value));
    else if (body.case === "obstacles") frames.push(this.#obstacles(body.value, eventTimeUs));
    return frames;
  }

  // Once a second, and what has changed at once.
  #ofVehicle(flags: number, { eventTimeUs, bootMs }: Times): Uint8Array<ArrayBuffer>[] {
    if (flags === this.#flags && eventTimeUs - this.#toldUs < 1_000_000) return [];
    [this.#flags, this.#toldUs] = [flags, eventTimeUs];
    const has = (flag: RecordFlag) => (flags & flag) !== 0;
    const [isInAir, isLanding] = [has(RecordFlag.IN_AIR), has(RecordFlag.LANDING)];
    const mode = isLanding
      ? Px4Auto.land
      : has(RecordFlag.RTL)
      ? Px4Auto.rtl
      : has(RecordFlag.ON_MISSION)
      ? Px4Auto.mission
      : Px4Auto.loiter;
    const state = has(RecordFlag.EMERGENCY) ? State.emergency : isInAir ? State.active : State.standby;
    const landed = isLanding ? Landed.landing : isInAir ? Landed.inAir : Landed.onGround;
    return [
      this.#frame("heartbeat", (view) => {
        view.setUint32(0, PX4_AUTO | mode << 24, true);
        [QUADROTOR, PX4, has(RecordFlag.ARMED) ? 128 : 0, state, 3].forEach((byte, i) => view.setUint8(4 + i, byte));
      }),
      this.#frame("landed", (view) => view.setUint8(1, landed)),
      this.#frame("fence", (view) => view.setUint8(6, has(RecordFlag.GEOFENCE_BREACH) ? 1 : 0)),
      this.#frame("systemTime", (view) => {
        view.setBigUint64(0, BigInt(this.#bootUs! + bootMs * 1000), true);
        view.setUint32(8, bootMs, true);
      }),
    ];
  }

  #position(of: Position, { eventTimeUs, bootMs }: Times): Uint8Array<ArrayBuffer>[] {
    const gps = this.#frame("gpsRaw", (view) => {
      view.setBigUint64(0, BigInt(eventTimeUs), true);
      view.setUint8(28, of.fixType);
      view.setUint8(29, of.satellites ?? 255);
      view.setUint32(34, of.hAccMm ?? 0, true);
      view.setUint32(38, of.vAccMm ?? 0, true);
    });
    const position = this.#frame("position", (view) => {
      view.setUint32(0, bootMs, true);
      [of.latE7, of.lonE7, of.altMslMm ?? 0, of.altHomeMm ?? 0].forEach((value, i) =>
        view.setInt32(4 + 4 * i, value, true)
      );
      [of.vnCms, of.veCms, of.vdCms].forEach((value, i) => view.setInt16(20 + 2 * i, value, true));
      view.setUint16(26, of.headingCdeg ?? NOT_KNOWN.u16, true);
    });
    return [gps, position];
  }

  #battery(of: Battery): Uint8Array<ArrayBuffer> {
    return this.#frame("battery", (view) => {
      view.setInt16(8, of.temperatureCdegc ?? NOT_KNOWN.i16, true);
      // The whole pack as one cell.
      for (let cell = 0; cell < 10; cell++) view.setUint16(10 + 2 * cell, NOT_KNOWN.u16, true);
      view.setUint16(10, of.voltageMv ?? NOT_KNOWN.u16, true);
      view.setInt16(30, of.currentCa ?? -1, true);
      view.setUint8(32, of.id);
      view.setInt8(35, of.remainingCpct === undefined ? -1 : Math.round(of.remainingCpct / 100));
      view.setUint8(40, of.chargeState);
    });
  }

  #obstacles({ sensorId, maxRangeCm, hits }: ObstacleScan, eventTimeUs: number): Uint8Array<ArrayBuffer> {
    const nearest = new Uint16Array(BEARINGS).fill(maxRangeCm + 1);
    for (const { bearingCdeg, rangeCm } of hits) {
      const at = (Math.round(bearingCdeg / BEARING_CDEG) + BEARINGS) % BEARINGS;
      nearest[at] = Math.min(nearest[at]!, rangeCm);
    }
    return this.#frame("obstacles", (view) => {
      view.setBigUint64(0, BigInt(eventTimeUs), true);
      nearest.forEach((rangeCm, i) => view.setUint16(8 + 2 * i, rangeCm, true));
      view.setUint16(154, maxRangeCm, true);
      view.setUint8(156, sensorId % 5);
      view.setUint8(157, BEARING_CDEG / 100);
      view.setUint8(166, BODY_FRD);
    });
  }

  #frame(name: keyof typeof MESSAGES, fill: (view: DataView<ArrayBuffer>) => void): Uint8Array<ArrayBuffer> {
    const [id, extra, bytes] = MESSAGES[name];
    const payload = new Uint8Array(bytes);
    fill(new DataView(payload.buffer));
    const length = Math.max(1, payload.findLastIndex((byte) => byte !== 0) + 1);
    const sequence = this.#sequence++ & 255;
    const frame = new Uint8Array(HEADER_BYTES + length + 2);
    frame.set([MAGIC, length, 0, 0, sequence, SYSTEM, AUTOPILOT, id & 255, id >> 8, 0]);
    frame.set(payload.subarray(0, length), HEADER_BYTES);
    const step = (crc: number, byte: number) => crc >>> 8 ^ crcs[(crc ^ byte) & 255]!;
    const crc = step(frame.subarray(1, -2).reduce(step, 0xffff), extra);
    frame.set([crc & 255, crc >> 8], HEADER_BYTES + length);
    return frame;
  }
}

interface Times {
  eventTimeUs: number;
  bootMs: number;
}
