import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readLog } from "../../sim/logs/read_log.ts";
import { replayPlan } from "../../sim/replay.ts";
import { Random } from "../../sim/random.ts";
import { withFile } from "./files.ts";

const FLIGHTS = new URL("./flights/", import.meta.url).pathname;
const SEED = 7;
const CHANGED = 400;
const LOGS = { ".ulg": "px4.ulg", ".bin": "ardupilot.bin" };

/** How many rows there are, flown as well; or what is said of the file instead. */
async function outcome(bytes: Uint8Array, suffix: string): Promise<number | string> {
  return await withFile(bytes, async (file) => {
    try {
      const recordings = await readLog(file);
      const emissions = replayPlan({ recordings, speed: 1, copies: 2, bootId: 1 }).begin(0).advance(Infinity);
      for (const emission of emissions) void emission.frame;
      return emissions.length;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return error.message.replace(file, "FILE");
    }
  }, suffix);
}

/** These bytes with one to four stretches changed, left out or repeated. */
function changed(bytes: Uint8Array, random: Random): Uint8Array {
  const list = [...bytes];
  for (let times = random.whole(1, 4); times > 0; times--) {
    const [at, length] = [random.whole(0, list.length - 1), random.whole(1, 20)];
    const kind = random.whole(0, 3);
    if (kind === 0) list.splice(at, length);
    else if (kind === 1) list.splice(at, 0, ...list.slice(at, at + length));
    else if (kind === 2) {
      for (let i = at; i < Math.min(at + length, list.length); i++) list[i] = random.whole(0, 255);
    } else list[at] = [0, 1, 0x7f, 0x80, 0xff][random.whole(0, 4)]!;
  }
  return Uint8Array.from(list);
}

describe("a damaged log", () => {
  for (const [suffix, name] of Object.entries(LOGS)) {
    it(`${suffix} that ends anywhere is read up to there, or refused`, async () => {
      const whole = await Deno.readFile(FLIGHTS + name);
      const all = await outcome(whole, suffix) as number;
      let before = 0;
      for (let bytes = 0; bytes < whole.length; bytes += 29) {
        const seen = await outcome(whole.subarray(0, bytes), suffix);
        if (typeof seen === "string") {
          assertEquals(before, 0, `${bytes} bytes: ${seen}`);
          continue;
        }
        assertEquals(seen >= before && seen <= all, true, `${bytes} bytes: ${seen} records after ${before}`);
        before = seen;
      }
      assertGreater(before, all * 0.9);
    });

    it(`${suffix} that is changed anywhere is read, or refused with a reason`, async () => {
      const whole = await Deno.readFile(FLIGHTS + name);
      const random = new Random(SEED);
      const seen = new Map<string, number>();
      for (let i = 0; i < CHANGED; i++) {
        const said = await outcome(changed(whole, random), suffix);
        const kind = typeof said === "number" ? "read" : /^Cannot read FILE: [^\n]{10,}$/.test(said) ? "refused" : said;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
      assertEquals([...seen.keys()].filter((kind) => kind !== "read" && kind !== "refused"), []);
      assertGreater(seen.get("read") ?? 0, CHANGED / 10);
    });
  }
});
