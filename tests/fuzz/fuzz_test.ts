import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Random } from "../../sim/random.ts";
import { encode } from "../wasm/frames.ts";
import { knownFields } from "../wasm/known_fields.ts";
import { Inputs } from "./inputs.ts";
import { changedMessage, encodeVarint, fieldsOf } from "./messages.ts";
import { minimised } from "./minimise.ts";
import { runTarget } from "./run.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { watched } from "./watch.ts";

const SEED = new TextEncoder().encode("drone 1 at 47 north");
const NO_END = { seed: 3, corpus: [], seconds: 20, onInput: () => {} };

/** Crashes over what this says. */
function target(breaks: (input: Uint8Array) => boolean): Target {
  return {
    ...{ name: "planted", format: "bytes", bytesMax: 100, seeds: () => [SEED] },
    open: () => ({
      run: (input) => {
        if (breaks(input)) throw new Error(`Cannot read ${input.length} bytes`);
        return `${input.length}`;
      },
    }),
  };
}

describe("a run", () => {
  it("finds a planted bug once, makes its input short, and goes on", async () => {
    const result = await runTarget(target((input) => input.includes(0xff)), { ...NO_END, executionsMax: 20_000 });
    assertEquals(result.executions, 20_000);
    assertEquals(result.crashes.map(({ input }) => [...input]), [[0xff]]);
    assertMatch(result.crashes[0]!.error, /Cannot read \d+ bytes/);
    assertGreater(result.outcomes, 10);
  });

  it("tells heap and memory that grow", async () => {
    const kept: number[][] = [];
    let pages = 1;
    const leaking: Target = {
      ...target(() => false),
      open: () => ({
        run: () => {
          kept.push(Array<number>(1000).fill(pages));
          return "kept";
        },
        memoryBytes: () => pages++ * 65_536,
      }),
    };
    const { heapGrowthBytes, memoryGrowthBytes } = await runTarget(leaking, { ...NO_END, executionsMax: 8000 });
    assertGreater(heapGrowthBytes, 32 << 20);
    assertEquals(memoryGrowthBytes, 65_536);
    assertEquals(kept.length, 8000);
  });

  it("is the same again with the same seed, and another one with another", () => {
    const [frames] = TARGETS;
    const firsts = [1, 1, 2].map((seed) => {
      const inputs = new Inputs(frames!, { seed, corpus: [] });
      return Array.from({ length: 50 }, () => String(inputs.next()));
    });
    assertEquals(firsts[0], firsts[1]);
    assert(String(firsts[0]) !== String(firsts[2]));
  });

  it("is ended over an input that takes too long, which is told", async () => {
    const worker = new URL("hanging_worker.ts", import.meta.url);
    const limits = { seed: 1, seconds: 60, executionsMax: Infinity, bytesMax: 10, limitMs: 300 };
    const { executions, crashes } = await watched({ name: "hanging", worker, ...limits });
    assertEquals(executions, 2);
    assertEquals(crashes.map(({ error, input }) => [error, [...input]]), [["It does not end within 300 ms", [4, 2]]]);
  });
});

describe("changes of messages", () => {
  it("leave many of them readable, and break many", () => {
    const random = new Random(5);
    const frame = encode({ droneId: "d", records: [{ seq: 1, body: { case: "battery", value: { id: 1 } } }] });
    let [readable, same] = [0, 0];
    for (let i = 0; i < 1000; i++) {
      const changed = changedMessage(frame, random, frame);
      if (knownFields(changed, TelemetryFrameSchema)) readable++;
      if (String(changed) === String(frame)) same++;
    }
    assert(readable > 300 && readable < 900, `${readable}`);
    assert(same < 200, `${same}`);
  });

  it("know a field by its tag, its length and what is in it", () => {
    const fields = fieldsOf(Uint8Array.of(10, 1, 97, 16, 0x81, 1, 0x1d, 1, 2, 3, 4));
    assertEquals(fields?.map(({ tag, content }) => [tag, [...content]]), [[10, [97]], [16, [0x81, 1]], [0x1d, [
      1,
      2,
      3,
      4,
    ]]]);
    assertEquals([[10, 2, 97], [0], [0x0b], [0x1d, 1]].map((bytes) => fieldsOf(Uint8Array.from(bytes))), [
      null,
      null,
      null,
      null,
    ]);
    assertEquals([encodeVarint(300), encodeVarint(1, 2)], [[0xac, 2], [0x81, 0x80, 0]]);
  });
});

describe("minimised", () => {
  it("is the least input of which it still holds", async () => {
    const short = await minimised(SEED, (input) => input.includes(0x64) && input.includes(0x37));
    assertEquals([...short], [0x64, 0x37]);
  });
});
