import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BATTERY_BOUNDS, HIT_BOUNDS, POSITION_BOUNDS, SCAN_BOUNDS } from "../../clients/typescript/src/bounds.ts";
import type { DroneSettings } from "../../clients/typescript/src/drone.ts";
import type { Measurement } from "../../clients/typescript/src/measurement.ts";
import { EdgeRefusal, FieldError, LossError } from "../../clients/typescript/src/problem.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import {
  BatterySchema,
  ObstacleScan_HitSchema,
  ObstacleScanSchema,
  PositionSchema,
} from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DroneRig, EDGE } from "./drone_rig.ts";

const PLACE = { latE7: 473_977_420, lonE7: 85_455_940 };
const BOOT = 1_760_000_000_000 % 2 ** 32;

const BAD_SETTINGS: [field: string, settings: object][] = [
  ["droneId", { droneId: "" }],
  ["droneId", { droneId: "ä".repeat(33) }],
  ["droneId", { droneId: "\ud800" }],
  ["droneId", { droneId: 7 }],
  ["group", { group: "g".repeat(65) }],
  ["edges", { edges: [] }],
  ["edges", { edges: EDGE }],
  ["edges", { edges: [EDGE, "http://edge/v1/telemetry"] }],
  ["edges", { edges: ["ws://"] }],
  ["recordsMax", { recordsMax: 0 }],
];

const BAD_MEASUREMENTS: [field: string, measurement: object][] = [
  ["position.latE7", { position: { ...PLACE, latE7: 900_000_001 } }],
  ["position.latE7", { position: { ...PLACE, latE7: 47.4 } }],
  ["position.latE7", { position: { lonE7: 1 } }],
  ["position.lonE7", { position: { ...PLACE, lonE7: NaN } }],
  ["position.altMslMm", { position: { ...PLACE, altMslMm: 2 ** 31 } }],
  ["position.headingCdeg", { position: { ...PLACE, headingCdeg: 36_000 } }],
  ["position.hAccMm", { position: { ...PLACE, hAccMm: -1 } }],
  ["position.altitude", { position: { ...PLACE, altitude: 3 } }],
  ["battery.remainingCpct", { battery: { remainingCpct: 10_001 } }],
  ["battery.voltageMv", { battery: { voltageMv: "15000" } }],
  ["obstacles.frame", { obstacles: { frame: 2 } }],
  ["obstacles.hits[1].rangeCm", { obstacles: { hits: [{ rangeCm: 1 }, { rangeCm: 2 ** 32 }] } }],
  ["obstacles.hits", {
    obstacles: { hits: Array.from({ length: 9000 }, () => ({ bearingCdeg: 9000, rangeCm: 9000 })) },
  }],
  ["flags", { position: PLACE, flags: -1 }],
  ["eventTimeUs", { position: PLACE, eventTimeUs: -1n }],
  ["eventTimeUs", { position: PLACE, eventTimeUs: 2n ** 32n * 1_000_000n }],
  ["position", {}],
  ["velocity", { velocity: 3 }],
];

describe("a drone's software", () => {
  it("is told which setting cannot be used", () => {
    using rig = new DroneRig();
    for (const [field, settings] of BAD_SETTINGS) {
      const error = assertThrows(
        () => rig.drone(settings as Partial<DroneSettings>),
        FieldError,
        `Cannot use ${field}`,
      );
      assertEquals(error.field, field);
    }
    assertEquals(rig.sockets, []);
  });

  it("is told which field no record can hold, and nothing is taken", () => {
    using rig = new DroneRig();
    const drone = rig.drone();
    for (const [field, measurement] of BAD_MEASUREMENTS) {
      const error = assertThrows(() => drone.send(measurement as Measurement), FieldError, `Cannot use ${field}`);
      assertEquals(error.field, field);
    }
    assertEquals(drone.unacknowledged, 0);
    assertEquals(drone.send({ position: PLACE, battery: {}, obstacles: {} }), [1, 2, 3]);
  });

  it("may use every field of the contract", () => {
    const tables = [[PositionSchema, POSITION_BOUNDS], [BatterySchema, BATTERY_BOUNDS], [
      ObstacleScan_HitSchema,
      HIT_BOUNDS,
    ]] as const;
    for (const [{ fields }, bounds] of tables) {
      assertEquals(fields.map(({ localName }) => localName).sort(), Object.keys(bounds).sort());
    }
    const scan = ObstacleScanSchema.fields.map(({ localName }) => localName).filter((name) => name !== "hits");
    assertEquals(scan.sort(), Object.keys(SCAN_BOUNDS).sort());
  });

  it("may use every number that a record can hold, and the longest id", () => {
    using rig = new DroneRig();
    const drone = rig.drone({ droneId: "ä".repeat(32), group: "g".repeat(64) });
    for (const end of [-1, 1]) {
      const position = {
        latE7: end * 900_000_000,
        lonE7: end * 1_800_000_000,
        altMslMm: end < 0 ? -(2 ** 31) : 2 ** 31 - 1,
      };
      drone.send({
        position,
        eventTimeUs: end < 0 ? 0n : 2n ** 32n * 1_000_000n - 1n,
        flags: end < 0 ? 0 : 2 ** 32 - 1,
      });
    }
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[1, 2]]);
  });

  it("learns when its records are on disk, also of several at once", async () => {
    using rig = new DroneRig();
    const drone = rig.drone();
    rig.socket.accept();
    const both = [...drone.send({ position: PLACE }), ...drone.send({ battery: {} })];
    let isDone = false;
    const done = drone.acknowledged(both).then(() => isDone = true);
    rig.socket.ack(BOOT, { firstSeq: 1, lastSeq: 1 });
    await rig.settled();
    assertEquals([isDone, rig.acknowledged], [false, [1]]);
    rig.socket.ack(BOOT, { firstSeq: 2, lastSeq: 2 });
    await done;
    await drone.acknowledged(both);
    assertEquals([rig.acknowledged, drone.unacknowledged], [[1, 2], 0]);
  });

  it("learns what is lost, whether it asked before or asks later", async () => {
    using rig = new DroneRig();
    const drone = rig.drone();
    rig.socket.accept();
    const seqs = drone.send({ position: PLACE });
    const before = assertRejects(() => drone.acknowledged(seqs), LossError, "Cannot have record 1 acknowledged: shed");
    const ranges = [{ firstSeq: 1, lastSeq: 1 }];
    rig.socket.answer({ case: "throttle", value: { bootId: BOOT, reason: RefusalReason.SHED, shed: ranges } });
    await before;
    await assertRejects(() => drone.acknowledged(seqs), LossError);
    assertEquals(rig.lost, ["shed 1"]);
  });

  it("keeps so many records, and learns which are given up", async () => {
    using rig = new DroneRig();
    const drone = rig.drone({ recordsMax: 2 });
    for (let i = 0; i < 4; i++) drone.send({ position: PLACE });
    await rig.settled();
    assertEquals([rig.lost, drone.unacknowledged], [["crowded-out 1", "crowded-out 2"], 2]);
  });

  it("is told why it is not connected, and by which setting", async () => {
    using rig = new DroneRig();
    rig.drone();
    rig.refuse({ status: 403, retryAfterMs: 0, said: "Cannot let you do that" });
    await rig.time.tickAsync(500);
    rig.socket.accept();
    rig.socket.onclose?.(new CloseEvent("close", { code: 4005, reason: "upgrade the edge" }));
    await rig.settled();
    const told = rig.problems.map((problem) => problem instanceof EdgeRefusal && [problem.code, problem.field]);
    assertEquals(told, [[403, "token"], [4005, "version"]]);
    assertMatch(rig.problems[0]!.message, /ws:\/\/edge\/v1\/telemetry \(403, see token\).*Cannot let you do that/);
  });

  it("leaves an edge alone for as long as it asks, and not for ever", async () => {
    using rig = new DroneRig();
    rig.drone();
    rig.refuse({ status: 429, retryAfterMs: 10_000, said: "" });
    await rig.time.tickAsync(9_999);
    assertEquals(rig.sockets.length, 1);
    await rig.time.tickAsync(300);
    assertEquals(rig.sockets.length, 2);
    rig.refuse({ status: 503, retryAfterMs: 1e9, said: "" });
    await rig.time.tickAsync(61_000);
    assertEquals(rig.sockets.length, 3);
  });

  it("goes on when what it does with an acknowledgement throws", async () => {
    using rig = new DroneRig();
    const thrown: unknown[] = [];
    const caught = (event: ErrorEvent) => {
      event.preventDefault();
      thrown.push(event.error.message);
    };
    globalThis.addEventListener("error", caught);
    const drone = rig.drone({
      onAcknowledged: () => {
        throw new Error("its own");
      },
    });
    rig.socket.accept();
    const seqs = drone.send({ position: PLACE });
    rig.socket.ack(BOOT, { firstSeq: 1, lastSeq: 1 });
    await drone.acknowledged(seqs);
    globalThis.removeEventListener("error", caught);
    assertEquals([thrown, drone.unacknowledged], [["its own"], 0]);
  });
});
