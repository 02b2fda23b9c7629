import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Output, TumblingWindow } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type Row } from "./build_batch.ts";
import { S, T0 } from "./scene.ts";

const FLOWN_S = 20;
const DRONES = 8;
const LATE_S = 45;
const slots = Array.from({ length: DRONES }, (_, i) => ({ slot: i + 1, droneId: `drone-${i + 1}` }));

/** What is known last of each second of the fleet. */
class Seconds {
  readonly last = new Map<number, TumblingWindow>();

  take(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.type === "tumbling" && output.window.zone === "*") this.last.set(output.window.startUs, output.window);
    }
  }

  /** Those in which all drones flew. */
  get flown(): TumblingWindow[] {
    return [...this.last.values()].filter(({ startUs }) => startUs < T0 + FLOWN_S * S);
  }
}

function row(kind: "position" | "battery", slot: number, s: number): Row {
  const seq = 2 * s + (kind === "position" ? 2 : 1);
  return { kind, slot, seq, eventTimeUs: T0 + s * S + slot * 1000 };
}

describe("windows of a backlog that is more than their turns do", () => {
  it("may lack some of it until they are final, and have all of it then", () => {
    const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, allowedLatenessUs: 60 * S, windowUnits: 5 });
    const seconds = new Seconds();
    const send = (rows: Row[], atS: number) =>
      seconds.take(pipeline.step(makeEntry({ rows, slots, ingestionTimeUs: T0 + atS * S + 10_000 })).outputs);
    // The first drone goes on: event time follows.
    const fly = (fromS: number, toS: number) => {
      for (let s = fromS; s < toS; s++) {
        send((s < FLOWN_S ? slots : slots.slice(0, 1)).map(({ slot }) => row("position", slot, s)), s);
        for (let tenth = 1; tenth < 10; tenth++) seconds.take(pipeline.tick(T0 + s * S + tenth * 100_000));
      }
    };
    fly(0, LATE_S);
    for (let s = 0; s < FLOWN_S; s++) send(slots.map(({ slot }) => row("battery", slot, s)), LATE_S);
    assertEquals(pipeline.fleet().records.late, 0);
    fly(LATE_S, 64);
    assertGreater(seconds.flown.filter(({ records, final }) => records.battery < DRONES && !final).length, 0);
    fly(64, 100);
    assertEquals(seconds.flown.length, FLOWN_S);
    assertEquals(seconds.flown.filter(({ records, final }) => records.battery !== DRONES || !final), []);
  });
});
