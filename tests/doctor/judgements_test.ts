import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Answer } from "../../deploy/doctor/asking.ts";
import { judgeCertificate } from "../../deploy/doctor/certificate.ts";
import { judgeClocks } from "../../deploy/doctor/clock.ts";
import { judgeKv, judgeLoad, judgeUplink } from "../../deploy/doctor/edge.ts";
import type { EdgeFacts, FleetFacts } from "../../deploy/doctor/facts.ts";
import { type Finding, ok, together, wrong } from "../../deploy/doctor/finding.ts";
import { judgeJournal } from "../../deploy/doctor/journal.ts";
import type { Place } from "../../deploy/doctor/place.ts";
import { measured } from "../../deploy/doctor/course.ts";
import { judgeReach } from "../../deploy/doctor/reach.ts";
import { linesOf } from "../../deploy/doctor/report.ts";
import { judgeDisk } from "../../deploy/doctor/scrape.ts";
import { judgeVersions } from "../../deploy/doctor/versions.ts";

const EDGE: Place = { kind: "edge", url: "http://e" };
const AGGREGATOR: Place = { kind: "aggregator", url: "http://a" };
const HOUR_MS = 3_600_000;
const answered = (status: number, text: string): Answer => ({ status, text, askedMs: 0, answeredMs: 10 });
const short = ({ state, said }: Finding) => `${state} ${said}`;

describe("the doctor's judgement of a certificate", () => {
  const cases: [name: string, of: { fromH: number; toH: number }, RegExp][] = [
    ["that is good for long", { fromH: -10, toH: 90 }, /^ok good for another 4 days/],
    ["that should have been replaced", { fromH: -91, toH: 9 }, /^wrong its certificate ends in 9 h/],
    ["that has ended", { fromH: -48, toH: -1 }, /^wrong its certificate ended 60 min ago/],
    ["that has not begun", { fromH: 3, toH: 9 }, /^wrong its certificate begins only in 3 h/],
  ];
  for (const [name, { fromH, toH }, expected] of cases) {
    it(`is right about one ${name}`, () => {
      const validity = { fromMs: fromH * HOUR_MS, toMs: toH * HOUR_MS };
      assertMatch(short(judgeCertificate(EDGE, { validity, nowMs: 0 })), expected);
    });
  }
});

describe("the doctor's judgement of clocks", () => {
  const shown = (place: Place, theirsMs: number, tookMs = 10) => ({ place, theirsMs, askedMs: 0, answeredMs: tookMs });

  it("names its own machine where all others agree", () => {
    const findings = judgeClocks([shown(AGGREGATOR, 5000), shown(EDGE, 5100)]);
    assertEquals(findings.map(({ of, state }) => [of, state]), [["doctor", "wrong"]]);
    assertMatch(findings[0]!.said, /this machine's clock is 4\.995 s behind all others/);
  });

  it("names those that differ where others do not", () => {
    const findings = judgeClocks([shown(AGGREGATOR, 5), shown(EDGE, -5000)]);
    assertEquals(findings.map(({ state }) => state), ["ok", "wrong"]);
  });

  it("believes a clock for as long as the answer took", () => {
    assertEquals(judgeClocks([shown(EDGE, 3600, 4000)]).map(({ state }) => state), ["ok"]);
    assertEquals(judgeClocks([shown(EDGE, 5100, 4000)]).map(({ state }) => state), ["wrong"]);
  });
});

describe("the doctor's judgement of versions", () => {
  const judged = (...versions: string[]) =>
    judgeVersions(versions.map((version, i) => ({ of: `${i}`, version }))).map(({ state }) => state);

  it("is about those that differ from most", () => {
    assertEquals(judged("1", "1", "1"), ["ok", "ok", "ok"]);
    assertEquals(judged("2", "1", "1"), ["wrong", "ok", "ok"]);
    assertEquals(judged("1", "2", "1"), ["ok", "wrong", "ok"]);
  });

  it("goes by the aggregator where nobody has most", () => assertEquals(judged("2", "1"), ["ok", "wrong"]));
});

describe("the doctor's judgement of an edge", () => {
  const edge: EdgeFacts = { version: "1", edgeId: "edge-1", uplink: "connected", kv: "works", level: 0 };
  const fleet: FleetFacts = {
    ...{ version: "1", timeUs: 0, journal: { state: "durable", lastIndex: 1 } },
    edges: [{ edgeId: "edge-1~pod", version: "1", connections: 1 }],
  };
  const uplink = (of: Partial<EdgeFacts>, told: FleetFacts | null = fleet) => {
    const { state, said, mend } = judgeUplink(EDGE, { edge: { ...edge, ...of }, fleet: told });
    return `${state} ${said}; ${mend}`;
  };

  it("knows why it has no aggregator, and what mends that", () => {
    assertMatch(uplink({}), /^ok edge-1 is connected/);
    assertMatch(
      uplink({ uplink: "connecting", uplinkTrouble: "Unexpected server response: 401" }),
      /^wrong edge-1 has no aggregator: Unexpected server response: 401; give it a proof that holds/,
    );
    assertMatch(
      uplink({ uplink: "connecting", uplinkTrouble: "connect ECONNREFUSED" }),
      /; correct its SLIPSTREAM_UPLINK_/,
    );
    assertMatch(uplink({ edgeId: "edge-2" }), /^wrong edge-2 is connected to another aggregator/);
    assertMatch(uplink({ uplink: "connecting" }, null), /^skipped the aggregator cannot be asked/);
  });

  it("knows that it gives up records, and that KV fails", () => {
    assertEquals([0, 1, 2, 4].map((level) => judgeLoad(EDGE, { ...edge, level }).state), [
      "ok",
      "ok",
      "wrong",
      "wrong",
    ]);
    const kv = (of: EdgeFacts["kv"], isNeeded: boolean) => judgeKv(EDGE, { edge: { ...edge, kv: of }, isNeeded }).state;
    assertEquals([kv("works", true), kv("off", false), kv("off", true), kv("fails", false), kv(undefined, false)], [
      ...["ok", "ok", "wrong", "wrong", "skipped"],
    ]);
  });

  it("tells a journal that advances from others", () => {
    const at = (lastIndex: number, state: FleetFacts["journal"]["state"] = "durable") => ({
      ...fleet,
      journal: { state, lastIndex },
    });
    const judged = (before: FleetFacts, later: FleetFacts | null) => judgeJournal(AGGREGATOR, { before, later }).state;
    assertEquals([judged(at(1), at(2)), judged(at(1), at(1)), judged(at(1), null), judged(at(1), at(9, "failing"))], [
      ...["ok", "wrong", "wrong", "wrong"],
    ]);
    assertEquals(judged(at(1), at(2, "volatile")), "wrong");
  });
});

describe("the doctor's judgement of an answer", () => {
  const cases: [name: string, Answer, RegExp][] = [
    ["from one of ours", answered(200, '{"status":"ok"}'), /^ok answers within 10 ms/],
    ["from another program", answered(200, "<html>"), /the port is taken by another program, which answers with 200/],
    ["of null", answered(200, "null"), /the port is taken/],
    ["from a proxy", answered(502, ""), /a proxy answers with 502/],
    ["under another name", answered(421, '{"error":"Cannot answer to the name"}'), /Cannot answer to the name/],
    ["from nobody", { silence: "refused", said: "" }, /nobody listens there/],
    ["in no HTTP", { silence: "no HTTP", said: "" }, /the port is taken by another program, which speaks no HTTP/],
    ["that never comes", { silence: "silent", said: "" }, /nothing comes back/],
  ];
  for (const [name, answer, expected] of cases) {
    it(`is right about one ${name}`, () => assertMatch(short(judgeReach(EDGE, answer)), expected));
  }

  it("finds a disk with little room left", () => {
    const metrics = answered(200, `a 1\nslipstream_aggregator_disk_free_bytes ${100 << 20}\n`);
    assertEquals([50, 200].map((mibMin) => judgeDisk(AGGREGATOR, { answer: metrics, mibMin }).state), ["ok", "wrong"]);
    assertEquals(judgeDisk(AGGREGATOR, { answer: answered(200, ""), mibMin: 1 }).state, "skipped");
  });
});

describe("what the doctor says", () => {
  it("is one line about all with whom the same is wrong", () => {
    const same = { said: "no", mend: "do" };
    const findings = together([
      wrong({ check: "c", of: "a" }, same),
      ok({ check: "c", of: "x" }, ""),
      wrong({ check: "c", of: "b" }, same),
    ]);
    assertEquals(linesOf(findings), ["wrong   c a, b: no; do", "ok      c x: "]);
  });

  it("stays one line whatever others have sent", () => {
    const said = "a\nok all is well\n    at x\x1b[2J\u202e";
    assertEquals(linesOf([ok({ check: "c", of: "o" }, said)]), [
      "ok      c o: a\\u{a}ok all is well\\u{a}    at x\\u{1b}[2J\\u{202e}",
    ]);
  });
});

describe("the course of the probes", () => {
  const at = (of: string, { probe = 0 as 0 | 1, flownS = 0 } = {}) => {
    const { latE7, lonE7 } = measured(probe, { of, flownS, isLanded: false }).position!;
    return { latE7: latE7!, lonE7: lonE7! };
  };

  it("leads toward each other, and never so far that they meet before they land", () => {
    for (const  of of["doctor-1", "doctor-5e884898-1"]) {
      const apartM = (flownS: number) => {
        const [west, east] = [at(of, { flownS }), at(of, { probe: 1, flownS })];
        return (east.lonE7 - west.lonE7) * 0.0111320 * Math.cos(west.latE7 / 1e7 * Math.PI / 180);
      };
      assertEquals([0, 5, 6].map((flownS) => Math.round(apartM(flownS))), [60, 30, 24]);
    }
  });

  it("is the same of the same drones, and of others somewhere else, all of it above the sea", () => {
    assertEquals(at("doctor-1"), at("doctor-1"));
    const places = Array.from({ length: 100 }, (_, i) => at(`doctor-${i}-1`));
    assertEquals(new Set(places.map(({ latE7, lonE7 }) => `${latE7} ${lonE7}`)).size, 100);
    const far = places.filter(({ latE7, lonE7 }) => Math.hypot(latE7 + 488_766_670, lonE7 + 1_233_933_330) > 2e7);
    assertEquals(far, []);
  });

  it("ends on the ground, without speed", () => {
    const { flags, position } = measured(0, { of: "doctor-1", flownS: 1, isLanded: true });
    assertEquals([flags, position!.veCms], [0, 0]);
  });
});
