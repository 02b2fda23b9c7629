import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Scaler } from "../../platform/scaler.ts";
import { judgeScale, NO_SCALE, type Scale, SCALE_DEFAULTS, type Signals } from "../../platform/scaling.ts";

const IDLE: Signals = { cpuPct: 5, lagMs: 1, connectionsPct: 1, backlogMs: 0 };
const BUSY: Signals = { ...IDLE, cpuPct: 82 };

/** For so many seconds it is so. */
type Phase = [seconds: number, replicas: number, signals: Partial<Signals>];

/** Looked at each second: what is wanted in the end, when it changed, and why it is so. */
function after(phases: readonly Phase[]) {
  let state: Scale = NO_SCALE;
  let reasons: string[] = [];
  const changes: string[] = [];
  let nowS = 0;
  for (const [seconds, replicas, signals] of phases) {
    for (let i = 0; i < seconds; i++, nowS++) {
      const judged = judgeScale(state, { load: { replicas, signals: { ...IDLE, ...signals } }, nowMs: nowS * 1000 });
      if (judged.changedFrom !== null) changes.push(`${nowS} s: ${judged.changedFrom} to ${judged.wanted}`);
      ({ reasons } = judged);
      state = judged;
    }
  }
  return { wanted: state.wanted, changes, reasons };
}

describe("how many replicas are wanted", () => {
  const cases: [name: string, phases: Phase[], changes: string[], wanted: number][] = [
    ["is how many there are while nothing asks for more", [[500, 2, { cpuPct: 60 }]], [], 2],
    ["is one more after two minutes above 70 % of the processor", [[121, 2, BUSY]], ["120 s: 2 to 3"], 3],
    ["is not one more after less than that", [[120, 2, BUSY]], [], 2],
    ["is not one more at 70 %", [[1000, 2, { cpuPct: 70 }]], [], 2],
    [
      "begins anew when the load was below the limit, and by more than a little",
      [[100, 2, BUSY], [1, 2, { cpuPct: 62 }], [100, 2, BUSY]],
      [],
      2,
    ],
    [
      "goes on counting when the load is only a little below the limit",
      [[100, 2, BUSY], [1, 2, { cpuPct: 64 }], [20, 2, BUSY]],
      ["120 s: 2 to 3"],
      3,
    ],
    ["is not two more before the first has come", [[1000, 2, BUSY]], ["120 s: 2 to 3"], 3],
    [
      "is one more again two minutes later, once it has come",
      [[130, 2, BUSY], [200, 3, BUSY]],
      ["120 s: 2 to 3", "240 s: 3 to 4"],
      4,
    ],
    ["is one more where event loops come late", [[121, 1, { lagMs: 101 }]], ["120 s: 1 to 2"], 2],
    ["is one more where places are short", [[121, 1, { connectionsPct: 81 }]], ["120 s: 1 to 2"], 2],
    ["is one more where something waits for long", [[121, 1, { backlogMs: 2001 }]], ["120 s: 1 to 2"], 2],
    ["is one fewer after ten minutes in which that would do", [[601, 3, IDLE]], ["600 s: 3 to 2"], 2],
    ["is not one fewer after less than that", [[600, 3, IDLE]], [], 3],
    ["is never fewer than one", [[5000, 1, IDLE]], [], 1],
    [
      "is not one fewer when those that stay would have too much to do",
      [[5000, 2, { cpuPct: 29 }]],
      [],
      2,
    ],
    ["is one fewer when they would not", [[601, 2, { cpuPct: 27 }]], ["600 s: 2 to 1"], 1],
    [
      "is not two fewer before the first has gone",
      [[2000, 3, IDLE]],
      ["600 s: 3 to 2"],
      2,
    ],
    [
      "begins to wait anew after a moment that was not calm",
      [[599, 2, IDLE], [1, 2, { lagMs: 90 }], [599, 2, IDLE]],
      [],
      2,
    ],
    ["stays when one has died", [[100, 3, { cpuPct: 50 }], [30, 2, { cpuPct: 65 }]], [], 3],
    ["is more when somebody has started more", [[10, 1, { cpuPct: 60 }], [10, 4, { cpuPct: 60 }]], [], 4],
    ["stays while nobody is there", [[10, 2, { cpuPct: 60 }], [5000, 0, IDLE]], [], 2],
    [
      "goes by what can be told",
      [[5000, 1, { cpuPct: null, lagMs: null, connectionsPct: null, backlogMs: null }]],
      [],
      1,
    ],
  ];
  for (const [name, phases, changes, wanted] of cases) {
    it(name, () => {
      const seen = after(phases);
      assertEquals([seen.changes, seen.wanted], [changes, wanted]);
    });
  }

  it("has its reasons in words", () => {
    assertEquals(after([[96, 2, { ...BUSY, lagMs: 140 }]]).reasons, [
      "cpu is 82 %, more than 70 %, for 95 s",
      "lag is 140 ms, more than 100 ms, for 95 s",
    ]);
    assertEquals(after([[130, 2, BUSY], [120, 2, BUSY]]).reasons.at(-1), "3 were asked for, 2 are there");
    assertEquals(after([[61, 2, IDLE]]).reasons, ["one fewer would do, for 60 s"]);
    assertEquals(after([[1, 2, { cpuPct: 50 }]]).reasons, ["nothing asks for more, and one fewer would not do"]);
    assertEquals(after([[1, 1, IDLE]]).reasons, ["one has enough"]);
    assertEquals(after([[1, 0, IDLE]]).reasons, ["nobody is there yet"]);
  });

  it("waits as long as it is told", () => {
    const settings = { ...SCALE_DEFAULTS, upAfterMs: 10 };
    const load = { replicas: 1, signals: BUSY };
    const first = judgeScale(NO_SCALE, { load, nowMs: 0, settings });
    assertEquals(judgeScale(first, { load, nowMs: 10, settings }).wanted, 2);
  });
});

describe("Scaler", () => {
  it("tells each change once, with its reasons, and what holds now", () => {
    const changes: string[] = [];
    const scaler = new Scaler(({ before, after, reasons }) => changes.push(`${before} ${after} ${reasons.join()}`));
    for (let nowS = 0; nowS < 200; nowS++) {
      scaler.look({ replicas: 1, signals: { ...BUSY, cpuPct: 82.4 } }, nowS * 1000);
    }
    assertEquals(changes, ["1 2 cpu is 82 %, more than 70 %, for 120 s"]);
    const { replicas, wanted, signals } = scaler.view;
    assertEquals([replicas, wanted, signals.cpuPct], [1, 2, 82]);
  });
});
