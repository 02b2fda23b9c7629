import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { RecordFlag, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Fleet, type FleetSettings } from "../../sim/fleet.ts";
import { SCENARIO_NAMES } from "../../sim/scenarios/table.ts";
import type { Emission } from "../../sim/traffic.ts";

const START_US = 1_760_000_000_000_000;
const SEED = 7;
console.log(`sim fleet seed ${SEED}`);

const settings = (changes: Partial<FleetSettings> = {}): FleetSettings => ({
  drones: 12,
  seed: SEED,
  scenario: "calm",
  startUs: START_US,
  coalesce: false,
  ...changes,
});

function runFor(seconds: number, changes: Partial<FleetSettings> = {}): { fleet: Fleet; emissions: Emission[] } {
  const fleet = new Fleet(settings(changes));
  return { fleet, emissions: fleet.advance(START_US + seconds * 1e6) };
}

async function digest(emissions: Emission[]): Promise<string> {
  const bytes = new Blob(emissions.map(({ frame }) => frame));
  const hash = await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer());
  return new Uint8Array(hash).toHex();
}

describe("Fleet", () => {
  for (const scenario of SCENARIO_NAMES) {
    it(`${scenario}: the same seed gives the same bytes, whatever the steps of time`, async () => {
      const whole = runFor(4, { scenario }).emissions;
      const fleet = new Fleet(settings({ scenario }));
      const pieces: Emission[] = [];
      for (let atUs = START_US; atUs < START_US + 4e6; atUs += 33_333) pieces.push(...fleet.advance(atUs));
      pieces.push(...fleet.advance(START_US + 4e6));
      assertEquals(await digest(pieces), await digest(whole));
      assertEquals(pieces.map(({ atUs }) => atUs), whole.map(({ atUs }) => atUs));
    });

    it(`${scenario}: sequence numbers go up by one in the order of sending, and the truth counts them`, () => {
      const { fleet, emissions } = runFor(16, { scenario });
      emissions.push(...fleet.finish(START_US + 16e6));
      const next = new Map<string, number>();
      const kinds = { position: 0, battery: 0, obstacles: 0 };
      let lastUs = 0;
      for (const { droneId, bootId, twin, records, note, atUs } of emissions) {
        const speaker = `${droneId}/${bootId}/${twin}`;
        assert(atUs >= lastUs);
        lastUs = atUs;
        if (note) continue;
        for (const { seq, body } of records) {
          assertEquals(seq, next.get(speaker) ?? 0);
          next.set(speaker, seq + 1);
          if (body.case) kinds[body.case]++;
        }
      }
      const { sent, records } = fleet.truth();
      const told = sent.map(({ droneId, bootId, twin, lastSeq }) => [`${droneId}/${bootId}/${twin}`, lastSeq + 1]);
      assertEquals(told.sort(), [...next].sort());
      assertEquals(records, kinds);
    });
  }

  it("another seed gives other bytes", async () => {
    assertEquals(
      await digest(runFor(1).emissions) === await digest(runFor(1, { seed: SEED + 1 }).emissions),
      false,
    );
  });

  it("a drone sends 10 positions, 5 batteries and 20 scans a second, each in a frame", () => {
    const { emissions } = runFor(10, { drones: 1 });
    const count = (kind: string) => emissions.filter(({ records }) => records[0]?.body.case === kind).length;
    assertLess(Math.abs(count("position") - 100), 2);
    assertLess(Math.abs(count("battery") - 50), 2);
    assertLess(Math.abs(count("obstacles") - 200), 2);
    assert(emissions.every(({ records }) => records.length === 1));
  });

  it("coalesced: ten frames a second carry the same rate of records", () => {
    const { emissions } = runFor(10, { drones: 1, coalesce: true });
    assertLess(Math.abs(emissions.length - 100), 2);
    assertLess(Math.abs(emissions.flatMap(({ records }) => records).length - 350), 6);
  });

  it("frames decode with @bufbuild/protobuf to what was measured, sent at most 3 ms after", () => {
    const { emissions } = runFor(2);
    assertGreater(emissions.length, 500);
    for (const { frame, records, droneId, bootId, atUs } of emissions) {
      const decoded = fromBinary(TelemetryFrameSchema, frame);
      assertEquals([decoded.droneId, decoded.bootId, decoded.records.length], [droneId, bootId, 1]);
      assertEquals(decoded.records[0]!.seq, records[0]!.seq);
      assertEquals(decoded.records[0]!.body, records[0]!.body);
      const ageUs = atUs - Number(decoded.records[0]!.eventTimeUs);
      assert(ageUs > 0 && ageUs < 3000, `age ${ageUs} µs`);
    }
  });

  it("drones move, climb and stand still: some consecutive fixes are within half a metre, some are not", () => {
    const { emissions } = runFor(30);
    const last = new Map<string, { latE7: number; alt: number }>();
    let near = 0;
    let far = 0;
    let lowest = Infinity;
    let highest = -Infinity;
    for (const { droneId, records } of emissions) {
      const body = records[0]?.body;
      if (body?.case !== "position") continue;
      const { latE7, altHomeMm = 0 } = body.value;
      const before = last.get(droneId);
      if (before && Math.abs(latE7 - before.latE7) < 45 && Math.abs(altHomeMm - before.alt) < 500) near++;
      else far++;
      last.set(droneId, { latE7, alt: altHomeMm });
      lowest = Math.min(lowest, altHomeMm);
      highest = Math.max(highest, altHomeMm);
    }
    assertGreater(near, 0.1 * (near + far));
    assertGreater(far, 0.1 * (near + far));
    assertLess(lowest, 20_000);
    assertGreater(highest, 30_000);
  });

  it("finish says of every drone that it has landed", () => {
    const { fleet } = runFor(1);
    const last = fleet.finish(START_US + 1.2e6).slice(-12);
    assertEquals(new Set(last.map(({ droneId }) => droneId)).size, 12);
    assert(last.every(({ records }) => (records.at(-1)!.flags & RecordFlag.IN_AIR) === 0));
  });
});
