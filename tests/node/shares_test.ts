import { assertAlmostEquals, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Shares } from "../../edge/node/shares.ts";
import type { Rate } from "../../edge/member/messages.ts";
import { Random } from "../../sim/random.ts";

const RATE = 1000;

/** Edges that do as they are told, at once. */
function obedient(edges: number) {
  const shares = new Shares({ edges, ratePerS: RATE });
  const held = Array.from({ length: edges }, (_, edge) => shares.start(edge));
  let order = 0;
  return {
    shares,
    held,
    /** What each is asked for; as often as it takes to settle. */
    asked(perS: (number | null)[]) {
      for (let round = 0; round < 5; round++) {
        for (const [edge, askedPerS] of perS.entries()) {
          if (askedPerS !== null) shares.report(edge, { held: { ratePerS: held[edge]!, order }, askedPerS });
        }
        for (const { edge, rate } of shares.next()) [held[edge], order] = [rate.ratePerS, rate.order];
      }
      return held.map(Math.round);
    },
  };
}

describe("Shares", () => {
  it("are even while nobody, or everybody, asks for much", () => {
    const { held, asked } = obedient(4);
    assertEquals(held, [250, 250, 250, 250]);
    assertEquals(asked([0, 0, 0, 0]), [250, 250, 250, 250]);
    assertEquals(asked([9000, 9000, 9000, 9000]), [250, 250, 250, 250]);
  });

  it("lend what one does not need to another, and take it back when it does", () => {
    const { asked } = obedient(2);
    assertEquals(asked([5000, 0]), [950, 50]);
    assertEquals(asked([5000, 100]), [850, 150]);
    assertEquals(asked([5000, 5000]), [500, 500]);
    assertEquals(asked([0, 5000]), [50, 950]);
  });

  it("of an edge that has ended are lent, but for a floor with which the next one begins", () => {
    const { shares, held, asked } = obedient(2);
    shares.gone(1);
    held[1] = 0;
    assertEquals(asked([5000, null]), [950, 0]);
    assertEquals(held[1] = shares.start(1), 50);
    assertEquals(asked([5000, 5000]), [500, 500]);
  });

  it("are together never more than the node's rate, however late edges do as they are told", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const edges = 2 + Math.floor(random.unit() * 6);
      const shares = new Shares({ edges, ratePerS: RATE });
      const start = (edge: number): Rate => ({ ratePerS: shares.start(edge), order: 0 });
      const held = Array.from({ length: edges }, (_, edge) => start(edge));
      const orders: Rate[][] = held.map(() => []);
      let most = 0;
      for (let step = 0; step < 2000; step++) {
        const edge = Math.floor(random.unit() * edges);
        const chance = random.unit();
        if (chance < 0.02) {
          shares.gone(edge);
          orders[edge] = [];
          held[edge] = start(edge);
        } else if (chance < 0.5) held[edge] = orders[edge]!.shift() ?? held[edge]!;
        else {shares.report(edge, {
            held: held[edge]!,
            askedPerS: random.unit() < 0.5 ? 0 : random.unit() * 3 * RATE,
          });}
        if (chance > 0.7) { for (const order of shares.next()) orders[order.edge]!.push(order.rate); }
        const sum = held.reduce((total, { ratePerS }) => total + ratePerS, 0);
        assertLessOrEqual(sum, RATE * 1.000001, `seed ${seed}, step ${step}`);
        most = Math.max(most, sum);
      }
      assertGreater(most, 0.9 * RATE);
    }
  });

  it("are not told anew for next to nothing", () => {
    const { shares, held } = obedient(2);
    shares.report(0, { held: { ratePerS: held[0]!, order: 0 }, askedPerS: 340 });
    shares.report(1, { held: { ratePerS: held[1]!, order: 0 }, askedPerS: 336 });
    assertEquals(shares.next(), []);
    assertAlmostEquals(held[0]! + held[1]!, RATE);
  });
});
