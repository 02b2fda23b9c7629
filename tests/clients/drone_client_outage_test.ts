import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { create } from "@bufbuild/protobuf";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, type DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { ClientRig } from "./client_rig.ts";
import { ScriptedEdge } from "./scripted_edge.ts";

const DRONES = 10;
const RECORDS_PER_S = 35;
const STEP_MS = 20;

interface Flight {
  reconnects: number;
  unacknowledged: number;
  /** The longest time, in ms, in which the edge got nothing that it had not got before, of the drone for which it was longest. */
  blindMs: number;
  /** After the outage, until everything was acknowledged. */
  drainMs: number;
  frames: number;
}

/** 60 s of ten drones; the aggregator, or the edge's patience, is away from 20 s to 40 s. */
function fly(outage: (edge: ScriptedEdge, isOn: boolean) => void): Flight {
  using rig = new ClientRig();
  const drones = Array.from({ length: DRONES }, () => {
    const edge = new ScriptedEdge(() => Date.now());
    const drone = rig.client({ onConnect: (socket) => edge.accept(socket) });
    drone.open();
    return { drone, edge, seq: 0, newMs: 0, blindMs: 0, seen: 0 };
  });
  const beganMs = Date.now();
  let drainMs = Infinity;
  for (let ms = 0; ms < 90_000; ms += STEP_MS) {
    for (const one of drones) {
      if (ms === 20_000) outage(one.edge, true);
      if (ms === 40_000) outage(one.edge, false);
      if (ms < 60_000) {
        for (; one.seq < ms * RECORDS_PER_S / 1000; one.seq++) measure(one.drone, one.seq);
      }
      one.edge.advance();
      if (one.edge.taken.size > one.seen || ms >= 60_000) [one.seen, one.newMs] = [one.edge.taken.size, ms];
      one.blindMs = Math.max(one.blindMs, ms - one.newMs);
    }
    rig.time.tick(STEP_MS);
    // What is on its way takes as long as it always does.
    if (ms >= 40_000 && drones.every(({ drone }) => drone.unacknowledged <= 10)) {
      drainMs = Math.min(drainMs, Date.now() - beganMs - 40_000);
    }
  }
  const sum = (of: (drone: DroneClient) => number) => drones.reduce((total, { drone }) => total + of(drone), 0);
  return {
    reconnects: sum(({ counters }) => counters.reconnects),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    blindMs: Math.max(...drones.map(({ blindMs }) => blindMs)),
    drainMs,
    frames: drones.reduce((total, { edge }) => total + edge.frames, 0),
  };
}

function measure(drone: DroneClient, seq: number): void {
  drone.send([create(TelemetrySchema, { seq, body: { case: "battery", value: { id: 0 } } })]);
}

describe("ten drones over an outage of 20 s", () => {
  it("of the aggregator are never blind: no connection is given up, and what is new reaches the edge throughout", () => {
    const { reconnects, unacknowledged, blindMs, drainMs, frames } = fly((edge, isOn) => edge.holds = isOn);
    assertEquals([reconnects, unacknowledged], [0, 0]);
    assertLess(blindMs, 100);
    assertLess(drainMs, 1000);
    assertEquals(frames, DRONES * RECORDS_PER_S * 60, "nothing is sent twice");
  });

  it("in which the edge refuses everything send on, and catch up within seconds", () => {
    const { reconnects, unacknowledged, drainMs, frames } = fly((edge, isOn) => edge.refuses = isOn);
    assertEquals([reconnects, unacknowledged], [0, 0]);
    // 700 records of each, at the 65 a second that its rate leaves beside what it measures: 11 s at best.
    assertLess(drainMs, 20_000);
    assertLess(frames, 1.1 * DRONES * RECORDS_PER_S * 60);
    assertGreater(frames, DRONES * RECORDS_PER_S * 60);
  });

  it("in which the edge is silent connect anew, and catch up within seconds", () => {
    const { reconnects, unacknowledged, drainMs } = fly((edge, isOn) => edge.isSilent = isOn);
    assertGreater(reconnects, DRONES - 1);
    assertEquals(unacknowledged, 0);
    assertLess(drainMs, 15_000);
  });
});

describe("a drone over an outage of five minutes, in which it measures more than it may keep", () => {
  it("tells the edge what is new throughout, and its owner exactly what it gives up", () => {
    using rig = new ClientRig();
    const edge = new ScriptedEdge(() => Date.now());
    const drone = rig.client({ onConnect: (socket) => edge.accept(socket) });
    drone.open();
    edge.holds = true;
    let [seq, blindMs, newMs] = [0, 0, 0];
    for (let ms = 0; ms < 300_000; ms += STEP_MS) {
      for (; seq < ms * RECORDS_PER_S / 1000; seq++) measure(drone, seq);
      edge.advance();
      if (edge.taken.has(seq - 1)) newMs = ms;
      blindMs = Math.max(blindMs, ms - newMs);
      rig.time.tick(STEP_MS);
    }
    const lost = rig.lost.flatMap(([seqs, reason]) => reason === "crowded-out" ? seqs : []);
    assertEquals(lost, Array.from({ length: seq - DEFAULT_CLIENT_SETTINGS.recordsMax }, (_, i) => i));
    assertLess(blindMs, 100);
    assertEquals([drone.unacknowledged, drone.counters.reconnects], [DEFAULT_CLIENT_SETTINGS.recordsMax, 0]);
    edge.holds = false;
    for (let ms = 0; ms < 1000; ms += STEP_MS) {
      edge.advance();
      rig.time.tick(STEP_MS);
    }
    assertEquals(drone.unacknowledged, 0);
  });
});
