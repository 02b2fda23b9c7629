import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { NOWHERE } from "../../aggregator/merge/place.ts";
import { Turns } from "../../aggregator/merge/turns.ts";

/** A merger that is behind for some turns; a database and an outlet that let it wait. */
class Rig {
  readonly happened: string[] = [];
  behind = 0;
  nowMs = 0;
  readonly merger = {
    isBehind: false,
    held: { seconds: 0, openSeconds: 0, bytes: 0 },
    takePlace: () => NOWHERE,
    advance: () => {
      this.happened.push("advance");
      this.merger.isBehind = --this.behind > 0;
      return [{} as GlobalOutput];
    },
  };
  readonly sent = Promise.withResolvers<void>();
  readonly turns: Turns;

  constructor() {
    this.turns = new Turns({
      merger: this.merger,
      store: {
        keep: async () => {
          await new Promise<void>((resolve) => queueMicrotask(resolve));
          this.happened.push("kept");
        },
      },
      outlet: { send: () => this.sent.promise },
      ...{ bytesMax: 100, clock: () => this.nowMs },
      pause: (ms) => {
        this.happened.push(`pause ${ms}`);
        if (!this.merger.isBehind) this.turns.stop();
        return Promise.resolve();
      },
    });
  }
}

describe("a merger's turns", () => {
  it("let each piece go before the next is computed, and pause only when there is no more", async () => {
    const rig = new Rig();
    rig.behind = 3;
    rig.sent.resolve();
    await rig.turns.run(() => false);
    const piece = ["advance", "kept"];
    assertEquals(rig.happened, [...piece, "pause 0", ...piece, "pause 0", ...piece, "pause 200"]);
    assertEquals(rig.turns.told, 3);
  });

  it("let nobody read while what was computed does not arrive, or more is held than may be", async () => {
    const rig = new Rig();
    const ended = rig.turns.run(() => false);
    rig.nowMs = 5000;
    await new Promise<void>((resolve) => setTimeout(resolve));
    assertEquals([rig.happened, rig.turns.isHeldUp], [["advance", "kept"], false]);
    rig.nowMs = 10_001;
    assertEquals(rig.turns.isHeldUp, true);
    rig.sent.resolve();
    await ended;
    assertEquals(rig.turns.isHeldUp, false);
    rig.merger.held.bytes = 101;
    assertEquals(rig.turns.isHeldUp, true);
  });
});
