import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import type { Telemetry } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { systemPlatform } from "../../platform/system.ts";
import { readRecordings, type Recording } from "../../sim/recording.ts";
import { replayPlan } from "../../sim/replay.ts";
import { Run } from "../../sim/run.ts";
import { haversineM } from "../bench/plain_hot_path.ts";
import { FLIGHT_FILES, hasFlights, readFlight } from "../flights.ts";
import { recorded } from "./scenario_run.ts";
import { type EdgeStatusView, System, until } from "./system.ts";
import { type ForwardedFix, type ForwardedRecord, UplinkTap } from "./uplink_tap.ts";

const SPEED = 16;
/** Its battery topic said "unknown" all the time: 0.0 V and -0.01, the latter below what the contract can carry. */
const UNKNOWN_BATTERY = "alfa_carbonz_unknown_battery";

interface Replayed {
  /** By drone, each source record in order. */
  source: Map<string, Telemetry[]>;
  forwarded: Map<string, ForwardedFix[]>;
  suppressed: Map<string, ForwardedRecord[]>;
  raised: { kind: string; droneId: string; alertId: number }[];
  windows: TumblingWindow[];
  status: EdgeStatusView;
  unacknowledged: number;
  unknownBatteries: (number | null)[];
}

function readFlights(): Recording[] {
  return FLIGHT_FILES.flatMap((name) => {
    const csv = readFlight(name);
    const unknown = csv.replaceAll("alfa_carbonz", UNKNOWN_BATTERY).replaceAll(/,,$/gm, ",0.0,0");
    return [csv, ...name.startsWith("alfa") ? [unknown] : []].flatMap((csv) => readRecordings(csv, name));
  });
}

async function replay(recordings: Recording[]): Promise<Replayed> {
  let tap: UplinkTap | undefined;
  const uplinkThrough = (url: string) => (tap = new UplinkTap(url)).url;
  const unlimited = { SLIPSTREAM_DRONE_RATE: "100000", SLIPSTREAM_DRONE_BURST: "100000" };
  await using system = await System.start({ uplinkThrough, edgeEnv: unlimited });
  const recorder = recorded(replayPlan({ recordings, speed: SPEED, copies: 1, bootId: 1 }));
  const run = new Run({
    url: system.telemetryUrl,
    plan: recorder.plan,
    seconds: null,
    signal: new AbortController().signal,
    platform: systemPlatform("sim"),
  });
  await run.connect();
  await run.send();
  const { unacknowledged } = run.summary();
  await until("the last windows are kept", async () => {
    return (await system.windows({ sinceUs: run.endUs - 2_000_000 })).some(({ endUs }) =>
      endUs > run.endUs - 1_000_000
    );
  });
  const [status, windows] = [await system.status(), await system.windows()];
  const { batteries } = await system.drone(UNKNOWN_BATTERY);
  const source = groupBy(recorder.emissions, ({ droneId }) => droneId);
  await run.close();
  const result: Replayed = {
    source: new Map([...source].map(([id, emissions]) => [id, emissions.flatMap(({ records }) => records)])),
    forwarded: groupBy(tap?.fixes ?? [], ({ droneId }) => droneId),
    suppressed: groupBy(tap?.nearDuplicates ?? [], ({ droneId }) => droneId),
    raised: system.alerts.raised,
    windows,
    status,
    unacknowledged,
    unknownBatteries: batteries.flatMap(({ voltageMv, remainingCpct }) => [voltageMv, remainingCpct]),
  };
  await system.stop();
  await tap?.stop();
  return result;
}

function groupBy<T>(values: T[], keyOf: (value: T) => string): Map<string, T[]> {
  return Map.groupBy(values, keyOf);
}

/** A source fix as it was sent. */
function fixesOf(records: Telemetry[]): ForwardedFix[] {
  return records.flatMap(({ seq, eventTimeUs, body }) => {
    if (body.case !== "position") return [];
    const { latE7, lonE7, altMslMm } = body.value;
    return [{ droneId: "", seq, eventTimeUs: Number(eventTimeUs), latE7, lonE7, altMslMm }];
  });
}

const recordings = readFlights();
const droneIds = [...new Set(recordings.map(({ droneId }) => droneId))].sort();

describe(`recorded flights at ${SPEED} times their speed`, { ignore: !hasFlights }, () => {
  let replayed: Replayed;
  beforeAll(async () => {
    replayed = await replay(recordings);
  });
  it("are all here", () => assertEquals(droneIds.length, 9 + 1));

  it("are acknowledged to the last record, and none is refused or malformed", () => {
    const { received, forwarded, nearDuplicate, duplicate, malformed, refused } = replayed.status.records;
    assertEquals([replayed.unacknowledged, malformed, refused, duplicate], [0, 0, 0, 0]);
    assertEquals(received, forwarded + nearDuplicate);
  });

  for (const droneId of droneIds) {
    const inFlight = () => {
      const source = fixesOf(replayed.source.get(droneId) ?? []);
      const forwarded = (replayed.forwarded.get(droneId) ?? []).toSorted((a, b) => a.seq - b.seq);
      return { source, forwarded, suppressed: replayed.suppressed.get(droneId) ?? [] };
    };

    it(`forward or count every fix of ${droneId}, unchanged`, () => {
      const { source, forwarded, suppressed } = inFlight();
      const seqs = [...forwarded, ...suppressed].map(({ seq }) => seq).sort((a, b) => a - b);
      assertEquals(seqs, source.map(({ seq }) => seq));
      const bySeq = new Map(source.map((fix) => [fix.seq, fix]));
      for (const fix of forwarded) assertEquals({ ...fix, droneId: "" }, bySeq.get(fix.seq));
    });

    it(`leave no gap over 1 s in ${droneId} while fixes came at their cadence`, () => {
      const { source, forwarded } = inFlight();
      const at = new Map(source.map(({ seq }, i) => [seq, i]));
      for (const [i, fix] of forwarded.entries()) {
        const gapUs = fix.eventTimeUs - (forwarded[i - 1]?.eventTimeUs ?? fix.eventTimeUs);
        if (gapUs <= 1_000_000) continue;
        // The fix before this one in the source was the last chance: unless it was forwarded, the source's own next
        // fix came later than its cadence had promised.
        const index = at.get(fix.seq)!;
        const [before, last] = [source[index - 2], source[index - 1]];
        if (!last || last.seq === forwarded[i - 1]?.seq) continue;
        const promisedUs = last.eventTimeUs - (before?.eventTimeUs ?? last.eventTimeUs);
        assertGreater(fix.eventTimeUs - last.eventTimeUs, promisedUs, `${gapUs} µs before seq ${fix.seq}`);
      }
    });

    it(`hide no step over 0.5 m of ${droneId}, in height or sideways`, () => {
      const { source, suppressed } = inFlight();
      const hidden = new Set(suppressed.map(({ seq }) => seq));
      let shown: ForwardedFix | undefined;
      for (const fix of source) {
        if (!hidden.has(fix.seq)) {
          shown = fix;
          continue;
        }
        assert(shown, `seq ${fix.seq} was suppressed before anything was forwarded`);
        assertLess(haversineM(shown, fix), 0.5, `seq ${fix.seq}`);
        assertEquals(fix.altMslMm === undefined, shown.altMslMm === undefined);
        assertLess(Math.abs((fix.altMslMm ?? 0) - (shown.altMslMm ?? 0)), 500, `height of seq ${fix.seq}`);
        assertLess(fix.eventTimeUs - shown.eventTimeUs, 1_000_000, `age of seq ${fix.seq}`);
      }
    });
  }

  it("suppress the repeats of a 60 Hz log, and nothing of a drone that moves 14 m between fixes", () => {
    const share = (id: string) => (replayed.suppressed.get(id)?.length ?? 0) / fixesOf(replayed.source.get(id)!).length;
    assertGreater(share("dji_mavic2zoom"), 0.5);
    assertEquals(share("dji_p4rtk"), 0);
  });

  it("raise a battery alert for the pack that really declined, once, and for no other", () => {
    const battery = replayed.raised.filter(({ kind }) => kind.startsWith("battery-"));
    assertEquals([...new Set(battery.map(({ droneId }) => droneId))], ["ap_underpowered"]);
    assertEquals(new Set(battery.map(({ alertId }) => alertId)).size, 1, "one alert, which may escalate");
  });

  it("average nothing of batteries that said unknown", () => {
    assertEquals(replayed.unknownBatteries.filter((value) => value !== null), []);
    const knowing = replayed.windows.filter(({ battery }) => battery.known > 0);
    assertGreater(knowing.length, 0);
    for (const { battery } of knowing) assertGreater(battery.minCpct ?? 0, 0, "0 % is what unknown looked like");
  });
});
