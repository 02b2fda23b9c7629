// A sliding window is gathered over several arrivals: what comes meanwhile, late or on time, is in it or is not, as a whole.
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1e6;
const TICK = 10_000;
/** Ticks between what begins the gathering and the record that comes into it. */
const PAUSES = Array.from({ length: 12 }, (_, i) => i);

/** A pipeline that looks at one pane with each arrival, and each window's average speed beside that of all records until then. */
class Scene {
  readonly #pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, windowUnits: 1 });
  readonly #records: { us: number; cms: number }[] = [];
  readonly wrong: string[] = [];
  windows = 0;
  nowUs = T0 + 1.2 * S;

  /** `isSet`: the drone's clock is; otherwise the record counts as measured on arrival. */
  send(slot: number, { us, cms, isSet = true }: { us: number; cms: number; isSet?: boolean }): void {
    this.#records.push({ us, cms });
    const slots = ["a", "b", "c"].map((droneId, i) => ({ slot: i + 1, droneId }));
    const seq = this.#records.length;
    const row = {
      kind: "position",
      slot,
      seq,
      eventTimeUs: isSet ? us : 1,
      latE7: 470_000_000,
      lonE7: 80_000_000,
      vnCms: cms,
    } as const;
    this.#look(this.#pipeline.step(makeEntry({ ingestionTimeUs: this.nowUs, slots, rows: [row] })).outputs);
  }

  setBack(us: number): void {
    this.nowUs -= us;
    this.#look(this.#pipeline.clockStepped({ stepUs: -us, nowUs: this.nowUs }));
  }

  tick(times: number, us = TICK): void {
    for (let i = 0; i < times; i++) this.#look(this.#pipeline.tick(this.nowUs += us));
  }

  #look(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.type !== "sliding" || output.window.zone !== "*" || output.window.final) continue;
      const { startUs, endUs, revision, speedAverageCms } = output.window;
      const inside = this.#records.filter(({ us }) => us >= startUs && us < endUs);
      const mean = inside.reduce((sum, { cms }) => sum + cms, 0) / inside.length;
      this.windows++;
      if (speedAverageCms !== mean) this.wrong.push(`revision ${revision}: ${speedAverageCms}, not ${mean}`);
    }
  }
}

function begun(): Scene {
  const scene = new Scene();
  for (const slot of [1, 2, 3]) scene.send(slot, { us: T0 + 1.2 * S, cms: 100 });
  return scene;
}

describe("a sliding window that is gathered", () => {
  it("has what comes on time meanwhile, after the clock was set back", () => {
    for (const pause of PAUSES) {
      const scene = begun();
      scene.setBack(S);
      scene.tick(pause);
      scene.send(1, { us: scene.nowUs, cms: 900 });
      scene.send(1, { us: T0 + 1.21 * S, cms: 900 });
      scene.tick(60);
      assertGreater(scene.windows, 0);
      assertEquals(scene.wrong, [], `after ${pause} ticks`);
    }
  });

  it("has what comes late meanwhile", () => {
    for (const pause of PAUSES) {
      const scene = begun();
      scene.nowUs = T0 + 2.3 * S;
      scene.send(2, { us: scene.nowUs, cms: 100 });
      scene.tick(pause);
      scene.send(1, { us: T0 + 1.3 * S, cms: 900 });
      scene.tick(60);
      assertGreater(scene.windows, 0);
      assertEquals(scene.wrong, [], `after ${pause} ticks`);
    }
  });

  it("has what comes meanwhile when wall time closes it", () => {
    for (const pause of PAUSES) {
      const scene = new Scene();
      // Event time does not go by them.
      for (const slot of [1, 2]) scene.send(slot, { us: scene.nowUs, cms: 100, isSet: false });
      scene.tick(58, S / 10);
      scene.tick(10 + pause);
      scene.send(3, { us: T0 + 1.25 * S, cms: 900 });
      scene.tick(60);
      assertGreater(scene.windows, 0);
      assertEquals(scene.wrong, [], `after ${pause} ticks`);
    }
  });
});
