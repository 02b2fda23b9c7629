import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connection } from "../../edge/drones/connection.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";
import { type Slot, Slots } from "../../edge/drones/slots.ts";
import { Turns } from "../../edge/drones/turns.ts";
import { StillSocket } from "./still_rig.ts";

function connection(): Connection {
  const socket = new StillSocket();
  socket.open();
  return new Connection(webSocketWire(socket.socket), { clock: () => 0 });
}

/** Two that speak every second; `between` happens after each pair. @returns after how many pairs they are two, or null */
function pairsUntilTwo(between: (turns: Turns, low: Connection, high: Connection, i: number) => void): number | null {
  const [turns, low, high] = [new Turns(), connection(), connection()];
  for (let i = 0; i < 20; i++) {
    const nowMs = i * 1000;
    if (turns.pass(low, { seq: 1 + i, nowMs })) return i;
    if (turns.pass(high, { seq: 100 + i, nowMs: nowMs + 500 })) return i;
    between(turns, low, high, i);
  }
  return null;
}

const span = (seq: number) => ({ firstSeq: seq, lastSeq: seq });

describe("two that take turns", () => {
  const cases: [string, number | null, Parameters<typeof pairsUntilTwo>[0]][] = [
    ["are two at the fourth step back", 4, () => {}],
    ["are two also when each repeats what it has said itself", 4, (turns, low, high, i) => {
      turns.repeat(low, span(1 + i));
      turns.repeat(high, span(100 + i));
    }],
    ["are one when the one behind repeats what the other has said", null, (turns, low, _, i) => {
      turns.repeat(low, span(100 + i));
    }],
    ["are one when the one ahead repeats what the other has said", null, (turns, _, high, i) => {
      turns.repeat(high, span(1 + i));
    }],
    ["are one when a third repeats what they have said", null, (turns, _low, _high, i) => {
      turns.repeat(connection(), span(100 + i));
    }],
    ["begin anew when one of them goes", null, (turns, low, _, i) => {
      if (i % 3 === 2) turns.leave(low);
    }],
    ["go on when somebody goes who did not speak", 4, (turns) => turns.leave(connection())],
  ];
  for (const [name, pairs, between] of cases) it(name, () => assertEquals(pairsUntilTwo(between), pairs));

  it("are not counted against one that has closed", () => {
    const [turns, low, high] = [new Turns(), connection(), connection()];
    turns.pass(high, { seq: 100, nowMs: 0 });
    turns.leave(high);
    assertEquals([turns.speaker, turns.pass(low, { seq: 1, nowMs: 1 }), turns.speaker === low], [null, false, true]);
  });
});

describe("the one of two that is parted", () => {
  /** Slots of sources 0, 1, …, each with its last number; `spoken`: those with somebody who speaks. */
  function boot(lastSeqs: number[], spoken: number[] = []) {
    const slots = new Slots();
    const of = { droneId: "d1", bootId: 7 };
    const all = lastSeqs.map((lastSeq, source) => {
      const slot = slots.add({ slot: source + 1, ...of, source }, { fleet: "f", zone: "z" });
      slot.lastSeq = lastSeq;
      if (spoken.includes(source)) slots.spoke(slot, connection(), { nowMs: 10_000 });
      return slot;
    });
    const [earlier, later] = [connection(), connection()];
    for (const one of [earlier, later]) slots.spoke(all[0]!, one, { nowMs: 10_000 });
    const part = (seqs: [number, number]) => {
      slots.part(all[0]!, [{ connection: earlier, seq: seqs[0] }, { connection: later, seq: seqs[1] }], 10_000);
      return [earlier, later].map(({ sources }) => sources.of("d1", 7));
    };
    return { slots, slot: all[0] as Slot, earlier, later, part };
  }

  const cases: [string, number[], number[], [number, number], [number, number]][] = [
    ["is the later one", [50], [], [50, 700], [0, 1]],
    ["gets the next number that nobody had", [50, 900, 900], [], [50, 700], [0, 3]],
    ["goes on where its source has stopped", [50, 690], [], [50, 700], [0, 1]],
    ["is the earlier one where that goes on", [700, 49], [], [50, 700], [1, 0]],
    ["goes on at the nearest of two", [50, 300, 690], [], [50, 700], [0, 2]],
    ["takes no source that somebody speaks as", [50, 690], [1], [50, 700], [0, 2]],
    ["takes no source that stopped far behind while there are others", [50, 690], [], [50, 100_000], [0, 2]],
    ["takes one that stopped far behind when there are no others", [50, 690, 80, 90], [1], [50, 100_000], [0, 3]],
    ["stays when each source is spoken for", [50, 690, 10, 20], [1, 2, 3], [50, 100_000], [0, 0]],
    ["stays when no source is left but those that have said its number", [50, 690, 690, 690], [], [50, 60], [0, 0]],
  ];
  for (const [name, lastSeqs, spoken, seqs, sources] of cases) {
    it(name, () => assertEquals(boot(lastSeqs, spoken).part(seqs), sources));
  }

  it("hears for 5 s what of its old source is acknowledged, and then no more, whoever else is away", () => {
    const { slots, slot, earlier, later, part } = boot([50]);
    part([50, 700]);
    const own = slots.add({ slot: 2, droneId: "d1", bootId: 7, source: 1 }, { fleet: "f", zone: "z" });
    const speak = (nowMs: number) => {
      slots.spoke(own, later, { nowMs });
      slots.speaksOnlyAs(own, later, nowMs);
    };
    speak(15_000);
    assertEquals(slots.listeners(slot, 15_000).length, 2);
    slots.disconnect(earlier);
    assertEquals(slots.listeners(slot, 15_001), []);
    assertEquals([...later.slots], [1, 2]);
    speak(15_001);
    assertEquals([...later.slots], [2]);
  });
});
