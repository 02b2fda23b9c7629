import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BUGS } from "./bugs.ts";
import { simulate, type Simulated, simulateTwins } from "./simulate.ts";

const FIRST_SEED = 1;
const SEEDS = 150;
const TWIN_SEEDS = 10;
/** Seeds within which a bug must show. */
const BUG_SEEDS = 150;

function describeFailure({ seed, faults, violations }: Simulated): string {
  return `seed ${seed}: deno task simulate --seed ${seed} --seeds 1\n${violations.join("\n")}\n${faults.join("\n")}`;
}

describe("a system under faults", () => {
  it("keeps every promise: nothing acknowledged is lost, nothing counts twice, the journal replays as it was", async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const simulated = await simulate(seed);
      assertEquals(simulated.violations, [], describeFailure(simulated));
    }
  });

  it("has the same history for the same seed, and another for another", async () => {
    const [once, again, other] = [await simulate(3), await simulate(3), await simulate(4)];
    assertEquals(once, again);
    assertNotEquals(once.records, other.records);
  });

  it("counts the records of both when two drones say that they are one", async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + TWIN_SEEDS; seed++) {
      const simulated = await simulateTwins(seed);
      assertEquals(simulated.violations, [], describeFailure(simulated));
    }
  });

  for (const [name, bug] of Object.entries(BUGS)) {
    it(`is found out when it ${name}`, async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + BUG_SEEDS; seed++) {
        if ((await simulate(seed, bug)).violations.length > 0) return;
      }
      assert(false, `No violation within ${BUG_SEEDS} seeds`);
    });
  }
});
