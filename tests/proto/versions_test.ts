import { assertEquals, assertLessOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { refusalOfVersions } from "../../proto/versions.ts";

/** Of a close frame, in bytes. */
const REASON_MAX = 123;

describe("refusalOfVersions", () => {
  // Who speaks what, and who is to be upgraded.
  for (
    const [edge, aggregator, older] of [
      [2, 2, null],
      [2, 3, null],
      [3, 2, null],
      [2, 4, "edge"],
      [4, 2, "aggregator"],
      [0, 2, null],
      [2, 0, null],
      [0, 0, null],
      [0, 3, "edge"],
      [3, 0, "aggregator"],
    ] as const
  ) {
    it(`${older ? "names the older of" : "lets neighbours work together,"} edge ${edge} and aggregator ${aggregator}`, () => {
      const refusal = refusalOfVersions({ edge, aggregator });
      assertEquals(refusal?.match(/upgrade the (\w+)$/)?.[1] ?? null, older);
    });
  }

  it("fits a close frame, whatever somebody claims to speak", () => {
    for (const [edge, aggregator] of [[2 ** 32 - 1, 1], [1, 2 ** 32 - 1], [2 ** 32 - 1, 2 ** 31 + 1]] as const) {
      assertLessOrEqual(refusalOfVersions({ edge, aggregator })!.length, REASON_MAX);
    }
  });
});
