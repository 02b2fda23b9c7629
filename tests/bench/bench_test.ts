// The benchmarks measure what their names say, and `deno bench` finds all of them.
import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SOCKETS } from "../../edge/ingest/serving.ts";
import { DRONES_MAX } from "../../wasm/limits.ts";
import { decode } from "../wasm/frames.ts";
import { type BenchCase, compareCases, OURS, registerCases } from "./bench_case.ts";
import { compileHotPath, type HotPathCase, hotPathCase, hotPathCases, hotPathFleetCases } from "./hot_path.ts";
import { findRecords, numberedFrame, renumber } from "./numbered_frames.ts";
import { Pace } from "./pace.ts";

const FOLDER = new URL("./", import.meta.url);
/** More than a lane holds, and more than the table of drones does. */
const FRAMES_BEFORE = { "kept": 9000, "new drone": DRONES_MAX + 1000 };
/** More than go into a batch. */
const FRAMES = 1100;

async function benchFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) if (name.endsWith("_bench.ts")) names.push(name);
  return names.sort();
}

/** What a file hands to `Deno.bench` when it is imported. */
async function registered(file: string): Promise<Deno.BenchDefinition[]> {
  const definitions: Deno.BenchDefinition[] = [];
  const original = Deno.bench;
  Deno.bench = ((definition: Deno.BenchDefinition) => definitions.push(definition)) as unknown as typeof Deno.bench;
  try {
    await import(new URL(file, FOLDER).href);
  } finally {
    Deno.bench = original;
  }
  return definitions;
}

/** The fate that the name of a case claims. */
function claimed({ name }: HotPathCase): string | undefined {
  return name.match(/records?, (kept|duplicate|near-duplicate|malformed|new drone)(, |$)/)?.[1];
}

describe("the cases of the hot path", () => {
  it("give each record the fate that their name claims, on and on, on both ways", async () => {
    for (const benchCase of [...await hotPathCases(), ...await hotPathFleetCases()]) {
      const frames = FRAMES_BEFORE[benchCase.fate === "new drone" ? "new drone" : "kept"];
      for (let i = 0; i < frames; i++) benchCase.ours({ start() {}, end() {} });
      const found = new Set<string>();
      for (let i = 0; i < FRAMES; i++) {
        const { ours, plain } = benchCase.fates();
        found.add(String(ours)).add(String(plain));
      }
      assertEquals([...found], [claimed(benchCase)], benchCase.name);
    }
  });

  it("are refused when their frames have another fate", async () => {
    const module = await compileHotPath();
    const tooMany = { kind: "position", fate: "kept", size: 1, drones: DRONES_MAX + 1 } as const;
    assertThrows(() => hotPathCase(module, tooMany), Error, "ours says null, the plain way kept");
    const noPosition = { kind: "battery", fate: "near-duplicate", size: 1, drones: 1 } as const;
    assertThrows(() => hotPathCase(module, noPosition), Error, "ours says kept, the plain way kept");
  });
});

describe("numbered frames", () => {
  it("read back as the numbers that were written, and keep their length", () => {
    const bodies = [1, 2].map(() => ({ case: "position" as const, value: POSITION }));
    const frame = numberedFrame("drone-00000007", { bootId: 7, bodies });
    const { length } = frame.bytes;
    for (const first of [0, 127, 16_383, 2_097_151, 3_000_000_000]) {
      renumber(frame, first, { stepUs: 100_000, stepE7: 54, latSteps: 1000 });
      const { droneId, records } = decode(frame.bytes);
      assertEquals([droneId, frame.bytes.length], ["drone-00000007", length]);
      assertEquals(
        records.map(({ seq, eventTimeUs, body }) => [seq, eventTimeUs, body.case === "position" && body.value.latE7]),
        [first, first + 1].map((n) => [
          (1 << 28) + n,
          1_760_000_000_000_000n + BigInt(n) * 100_000n,
          474_000_000 + n % 1000 * 54,
        ]),
      );
    }
  });

  it("are refused when a record is not where it should be", () => {
    const { bytes } = numberedFrame("drone-00000007", { bootId: 7, bodies: [] });
    assertThrows(() => findRecords(bytes, { records: 1, repeated: 1 }), Error, "0 of 1 found");
  });
});

describe("a load", () => {
  it("sends so much on one connection that it takes a few of them to fill an edge, and never a flood", () => {
    const pace = new Pace();
    const frames = 16;
    const sentMs: number[] = [];
    for (let nowMs = 0; nowMs < 3000;) {
      // The server has not read for a while: what was not sent meanwhile is not sent on top.
      if (sentMs.length === 20_000 / frames) nowMs += 800;
      nowMs += pace.next(frames, nowMs);
      sentMs.push(nowMs);
    }
    const inASecond = sentMs.map((fromMs) => sentMs.filter((ms) => ms >= fromMs && ms < fromMs + 1000).length * frames);
    assertEquals([Math.max(...inASecond) > 12_000, Math.max(...inASecond) < 0.75 * SOCKETS.messagesPerSMax], [
      true,
      true,
    ]);
  });
});

const POSITION = {
  latE7: 474_000_000,
  lonE7: 85_000_000,
  vnCms: 600,
  veCms: 0,
  vdCms: 0,
  fixType: 3,
};

describe("deno bench", () => {
  it("finds cases in every file, each with ours as the only baseline and names that are told apart", async () => {
    const names = new Set<string>();
    const files = await benchFiles();
    assertGreater(files.length, 4);
    const inCi = new RegExp(
      (await Deno.readTextFile(new URL("../../.ci/run", FOLDER))).match(/--filter '\/(.+)\/'/)![1]!,
    );
    for (const file of files) {
      const definitions = await registered(file);
      const groups = Map.groupBy(definitions, ({ group }) => group);
      assertGreater(groups.size, 1, file);
      for (const [group, members] of groups) {
        const baselines = members.filter(({ baseline }) => baseline);
        assertEquals(baselines.map(({ name }) => name), [`${group}: ${OURS}`], file);
        assertEquals(members.some(({ ignore, only }) => ignore || only), false, file);
      }
      assertEquals(definitions.filter(({ name }) => inCi.test(name)).length > 0, true, `.ci/run runs none of ${file}`);
      for (const { name } of definitions) {
        assertEquals(names.has(name), false, `${name} occurs twice`);
        names.add(name);
      }
    }
  });

  it("is handed the iterations that deno task bench measures, under the same names", () => {
    const calls: string[] = [];
    const benchCase: BenchCase = {
      name: "case",
      unit: "a call",
      units: 2,
      ours: () => calls.push("ours"),
      plain: { name: "plain", run: () => calls.push("plain") },
      warmup: 1,
      n: 3,
    };
    const definitions: Deno.BenchDefinition[] = [];
    registerCases([benchCase], (definition) => definitions.push(definition));
    assertEquals(definitions.map(({ name, group, baseline, n }) => [name, group, baseline, n]), [
      ["case: ours", "case", true, 3],
      ["case: plain", "case", false, 3],
    ]);
    definitions[1]!.fn({ name: "", origin: "", start() {}, end() {} });
    assertEquals(calls, ["plain"]);
    const [comparison] = compareCases([benchCase], { smoke: true });
    assertEquals([comparison!.name, comparison!.unit, comparison!.rival?.name], ["case", "ns a call", "plain"]);
    assertEquals(comparison!.limit, null);
  });

  it("counts nothing of what an iteration sets aside, as deno task bench does", () => {
    const spin = (ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    };
    const [comparison] = compareCases([{
      name: "case",
      unit: "a call",
      ours: ({ start, end }) => {
        spin(2);
        start();
        end();
        spin(2);
      },
      plain: { name: "all of it", run: () => spin(4) },
    }], { smoke: true });
    assertGreater(comparison!.rival!.value, 10 * comparison!.ours);
  });
});
