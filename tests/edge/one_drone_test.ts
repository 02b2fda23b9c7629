import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batteryFrame } from "./rig.ts";
import { type StillDrone, StillEdge } from "./still_rig.ts";

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const sources = (rig: StillEdge) => rig.batches.flatMap(({ slots }) => slots.map(({ source }) => source));

/** Forwarded, and duplicates. */
async function taken(rig: StillEdge): Promise<[number, number]> {
  const { records } = await rig.status();
  return [records.forwarded, records.duplicate];
}

/** It speaks every 50 ms, each time through what `through` says; afterwards `behind` hears of it. */
async function live(rig: StillEdge, seqs: number[], speak: (seq: number) => void): Promise<void> {
  for (const seq of seqs) {
    speak(seq);
    await rig.pass(50);
  }
}

describe("one drone that speaks through several connections stays one source", () => {
  it("when it changes its connection twice in 10 s, and what an old socket holds drains for a second", async () => {
    const rig = await StillEdge.start();
    const [a, b] = [rig.drone(), rig.drone()];
    const via = (drone: StillDrone, seq: number) => drone.receive(batteryFrame("d1", [seq]));
    await live(rig, range(1, 60), (seq) => via(a, seq));
    // 20 of them are still in the old socket.
    for (const [from, old, now] of [[61, a, b], [141, b, a]] as const) {
      await live(rig, range(from + 20, from + 39), (seq) => {
        via(now, seq);
        via(old, seq - 20);
      });
      await live(rig, range(from + 40, from + 79), (seq) => via(now, seq));
    }
    await rig.pass(500);
    assertEquals([sources(rig), await taken(rig)], [[0], [220, 0]]);
    await rig.stop();
  });

  it("when it goes to and fro between two sockets, in order", async () => {
    const rig = await StillEdge.start();
    const sockets = [rig.drone(), rig.drone()];
    await live(rig, range(1, 400), (seq) => sockets[seq % 2]!.receive(batteryFrame("d1", [seq])));
    await rig.pass(500);
    assertEquals([sources(rig), await taken(rig)], [[0], [400, 0]]);
    await rig.stop();
  });

  for (const lag of [0, 1, 7, 40]) {
    it(`when two gateways relay every frame, now this one ${lag} frames behind and now the other`, async () => {
      const rig = await StillEdge.start();
      const gateways = [rig.drone(), rig.drone()];
      const said: number[] = [0, 0];
      const relay = (gateway: number, until: number) => {
        while (said[gateway]! < until) gateways[gateway]!.receive(batteryFrame("d1", [++said[gateway]!]));
      };
      await live(rig, range(1, 400), (seq) => {
        const first = (seq >> 3) % 2;
        relay(first, seq);
        relay(1 - first, seq - lag);
      });
      for (const gateway of [0, 1]) relay(gateway, 400);
      await rig.pass(500);
      assertEquals([sources(rig), await taken(rig)], [[0], [400, 400]]);
      await rig.stop();
    });
  }

  it("when fifty sockets repeat what it says, out of order", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 2000, droneBurst: 2000 });
    const sockets = Array.from({ length: 50 }, () => rig.drone());
    await live(rig, range(1, 100), (step) => {
      // Each of them has frames before others have them, and they swap two that follow one another.
      for (let i = 0; i < 50; i++) {
        const seq = ((step - 1) ^ 1) + 1;
        sockets[(i + step * 7) % 50]!.receive(batteryFrame("d1", [seq]));
      }
    });
    await rig.pass(500);
    assertEquals([sources(rig), await taken(rig)], [[0], [100, 4900]]);
    await rig.stop();
  });

  it("when its new connection repeats what its old one still drains, for as long as that takes", async () => {
    const rig = await StillEdge.start();
    const [old, now] = [rig.drone(), rig.drone()];
    await live(rig, range(1, 20), (seq) => old.receive(batteryFrame("d1", [seq])));
    // The old one is 100 behind. The new one says what is new, and repeats of the rest what it has no Ack of.
    await live(rig, range(121, 220), (seq) => {
      old.receive(batteryFrame("d1", [seq - 100]));
      now.receive(batteryFrame("d1", seq % 10 === 0 ? [seq - 100, seq] : [seq]));
    });
    await rig.pass(500);
    assertEquals([sources(rig), (await taken(rig))[0]], [[0], 220]);
    await rig.stop();
  });
});
