import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decodeArrival, encodeArrival } from "../../aggregator/journal/entries.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { AltitudeDatum, TrafficReportSchema } from "../../proto/gen/slipstream/v1/traffic_pb.ts";
import { Scene, straight } from "./scene.ts";

type Init = MessageInitShape<typeof TrafficReportSchema>;

const HERE = { latE7: 474_000_000, lonE7: 85_000_000 };
const reportOf = (init: Init = {}) =>
  create(TrafficReportSchema, {
    ...{ id: "adsb:4ca123", name: "SWR12", crewed: true, ...HERE, altMm: 500_000 },
    ...{ altDatum: AltitudeDatum.MEAN_SEA_LEVEL, trackCdeg: 9000, speedCms: 6000, climbCms: 100, airborne: true },
    ...init as object,
  });

function hear(scene: Scene, reports: Init[], edgeId = "e1"): void {
  scene.take(scene.pipeline.trafficHeard({ edgeId, reports: reports.map(reportOf), nowUs: scene.nowUs }));
}

const reportsOf = (scene: Scene): Record<string, number> => {
  const { known, reports } = scene.pipeline.fleet().traffic;
  return { known, ...Object.fromEntries(Object.entries(reports).filter(([, count]) => count > 0)) };
};

const flying = () => {
  const scene = new Scene([{ droneId: "d1", slot: 1, at: straight({ vnMps: 1 }) }]);
  scene.flyTo(2);
  return scene;
};

describe("reports of traffic", () => {
  it("are an aircraft that the API shows, of no fleet and in no window", () => {
    const scene = flying();
    const before = scene.pipeline.fleet();
    hear(scene, [{}]);
    const all = scene.pipeline.traffic();
    assertEquals(all.map(({ lastHeardUs, ...aircraft }) => [lastHeardUs, aircraft]), [[scene.nowUs, {
      ...{ id: "adsb:4ca123", name: "SWR12", crewed: true, airborne: true, edgeId: "e1", latDeg: 47.4, lonDeg: 8.5 },
      ...{ altM: 500, altDatum: "sea", trackDeg: 90, speedMps: 60, climbMps: 1 },
    }]]);
    const { drones, airspace, records } = scene.pipeline.fleet();
    assertEquals([drones, airspace.tracks, records], [before.drones, before.airspace.tracks, before.records]);
  });

  it("warn the drone that it comes near, and nobody else", () => {
    const scene = flying();
    hear(scene, [{ lonE7: HERE.lonE7 + 100_000, trackCdeg: 27_000 }]);
    const [alert] = scene.alerts;
    assertEquals([alert?.kind, alert?.droneIds, alert?.detail, alert?.path], ["conflict", ["d1"], "adsb:4ca123", null]);
    assertEquals(scene.pipeline.openAlertDrones(), ["d1"]);
  });

  it("are one aircraft whoever hears it: the freshest goes, and what was heard twice counts once", () => {
    const scene = flying();
    hear(scene, [{}]);
    hear(scene, [{ ageMs: 40 }], "e2");
    hear(scene, [{ latE7: HERE.latE7 + 1000, ageMs: 900 }], "e2");
    hear(scene, [{}], "e1");
    scene.nowS += 1;
    hear(scene, [{ latE7: HERE.latE7 + 2000 }], "e2");
    assertEquals(reportsOf(scene), { known: 1, taken: 3, stale: 2 });
    hear(scene, [{ latE7: HERE.latE7 + 2000 }], "e1");
    assertEquals(reportsOf(scene), { known: 1, taken: 3, stale: 2, repeated: 1 });
    const [aircraft] = scene.pipeline.traffic();
    assertEquals([aircraft?.edgeId, aircraft?.latDeg], ["e2", 47.4002]);
  });

  it("are forgotten a minute after the last, with their conflicts", () => {
    const scene = flying();
    hear(scene, [{}]);
    scene.flyTo(61);
    assertEquals([scene.pipeline.traffic().length, scene.pipeline.openAlerts().length], [1, 1]);
    scene.flyTo(63);
    assertEquals([scene.pipeline.traffic().length, scene.pipeline.openAlerts().length], [0, 0]);
    hear(scene, [{ ageMs: 60_001 }]);
    assertEquals(reportsOf(scene), { known: 0, taken: 1, stale: 1 });
  });

  it("of who is on the ground are in nobody's way", () => {
    const scene = flying();
    hear(scene, [{}]);
    scene.nowS += 1;
    hear(scene, [{ airborne: false }]);
    assertEquals(scene.alerts.map(({ transition }) => transition), ["raise", "resolve"]);
    assertEquals(scene.pipeline.traffic().length, 1);
  });

  it("of a drone of ours, by the name that it sends, are none", () => {
    const scene = flying();
    hear(scene, [{ id: "rid:0a", name: "d1", crewed: false }, { id: "rid:0b", name: "d2", crewed: false }]);
    assertEquals(reportsOf(scene), { known: 1, own: 1, taken: 1 });
  });

  it("of a drone of ours, before anybody has heard its name, are an aircraft until somebody has", () => {
    const scene = flying();
    const near = { id: "rid:0a", crewed: false, lonE7: HERE.lonE7 + 1000, trackCdeg: 0, speedCms: 100 };
    hear(scene, [{ ...near, name: "" }, { ...near, id: "rid:0b", name: "d2" }]);
    const details = () => scene.pipeline.openAlerts().map(({ detail }) => detail).toSorted();
    assertEquals(details(), ["rid:0a", "rid:0b"]);
    scene.nowS += 1;
    hear(scene, [{ ...near, name: "d1" }]);
    assertEquals(details(), ["rid:0b"]);
    assertEquals(scene.pipeline.traffic().map(({ id }) => id), ["rid:0b"]);
    scene.flyTo(4);
    assertEquals([details(), reportsOf(scene)], [["rid:0b"], { known: 1, own: 1, taken: 2 }]);
  });

  it("of an aeroplane are of no drone, though one is called as it is", () => {
    const scene = flying();
    hear(scene, [{ id: "adsb:4ca123", name: "d1" }]);
    assertEquals([scene.alerts.map(({ detail }) => detail), reportsOf(scene)], [["adsb:4ca123"], {
      known: 1,
      taken: 1,
    }]);
  });

  it("say of heights as much as what they are above lets know", () => {
    const alertOf = (altDatum: AltitudeDatum, altMm: number) => {
      const scene = new Scene([{ droneId: "d1", slot: 1, at: straight({ vnMps: 1 }) }]);
      scene.flyTo(2);
      hear(scene, [{ altMm, altDatum }]);
      return scene.alerts[0]?.conflict?.verticalCm;
    };
    assertEquals(alertOf(AltitudeDatum.MEAN_SEA_LEVEL, 1_000_000), undefined);
    assertEquals(alertOf(AltitudeDatum.UNSPECIFIED, 1_000_000), null);
  });

  it("that say of a velocity what cannot be say nothing of it", () => {
    for (const wrong of [{ speedCms: 70_001 }, { trackCdeg: 36_000 }, { climbCms: 15_001 }, { climbCms: -15_001 }]) {
      const scene = new Scene();
      hear(scene, [wrong]);
      const [aircraft] = scene.pipeline.traffic();
      assertEquals([aircraft?.speedMps, aircraft?.trackDeg, aircraft?.climbMps], [null, null, null]);
    }
  });

  it("are bounded in number", () => {
    const scene = new Scene();
    const ids = Array.from({ length: 2050 }, (_, i) => `rid:${i.toString(16)}`);
    for (let i = 0; i < ids.length; i += 250) hear(scene, ids.slice(i, i + 250).map((id) => ({ id })));
    assertEquals(reportsOf(scene), { known: 2000, taken: 2000, tooMany: 50 });
  });

  it("outlive a restart, and step with the clock", () => {
    const scene = flying();
    hear(scene, [{}]);
    const next = new Pipeline(PIPELINE_DEFAULTS);
    next.restore(structuredClone([...scene.pipeline.snapshot()]));
    assertEquals([next.traffic(), next.fleet().traffic], [scene.pipeline.traffic(), scene.pipeline.fleet().traffic]);
    next.clockStepped({ stepUs: 5e6, nowUs: scene.nowUs + 5e6 });
    assertEquals(next.traffic()[0]?.lastHeardUs, scene.nowUs + 5e6);
  });

  it("are the same when the journal is run again", () => {
    const arrival = { type: "traffic" as const, edgeId: "e1", reports: [reportOf(), reportOf({ altMm: undefined })] };
    const stored = { index: 1, timeUs: 1, body: encodeArrival(arrival) };
    assertEquals(decodeArrival(stored, () => ({ malformed: "it holds no batch" })), arrival);
  });

  it("that cannot be are counted, and whatever they say nothing that is told is out of bounds", () => {
    const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
    const near = (of: number) => fc.oneof(fc.integer({ min: of - 1e5, max: of + 1e5 }), i32);
    const report = fc.record({
      ...{ id: fc.constantFrom("adsb:1", "rid:2", "adsb:", "d1", "rid:\u0000", "adsb:" + "a".repeat(41)) },
      ...{ name: fc.string({ maxLength: 40 }), crewed: fc.boolean(), airborne: maybe(fc.boolean()) },
      ...{
        latE7: near(HERE.latE7),
        lonE7: near(HERE.lonE7),
        altMm: maybe(i32),
        altDatum: fc.integer({ min: 0, max: 5 }),
      },
      ...{ trackCdeg: maybe(u32), speedCms: maybe(u32), climbCms: maybe(i32), ageMs: fc.oneof(fc.constant(0), u32) },
    });
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 20 }), (reports) => {
        const scene = flying();
        hear(scene, reports as Init[]);
        scene.flyTo(3);
        const { reports: fates } = scene.pipeline.fleet().traffic;
        assertEquals(Object.values(fates).reduce((sum, count) => sum + count), reports.length);
        assertEquals(scene.outputs.filter(({ type }) => type === "quarantine"), []);
        for (const { conflict } of scene.alerts) {
          for (const value of Object.values(conflict!).flat()) {
            if (typeof value === "number") assertEquals(Number.isSafeInteger(value), true);
          }
        }
        for (const { id, name, latDeg } of scene.pipeline.traffic()) {
          assertEquals([/^(adsb:1|rid:2)$/.test(id), name.length <= 20, Math.abs(latDeg) <= 90], [true, true, true]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("fly on for ten seconds, and are somewhere after that", () => {
    const scene = new Scene([{ droneId: "d1", slot: 1, at: straight({ vnMps: 1 }) }]);
    scene.flyTo(2);
    hear(scene, [{ lonE7: HERE.lonE7 + 100_000, trackCdeg: 27_000 }]);
    const distanceM = () => (scene.pipeline.openAlerts()[0]?.conflict?.horizontalCm ?? NaN) / 100;
    const firstM = distanceM();
    scene.flyTo(8);
    assertAlmostEquals(firstM - distanceM(), 60 * 6, 80);
  });
});
