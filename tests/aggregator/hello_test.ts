import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isProven } from "../../aggregator/intake/hello.ts";
import { ANYONE } from "../../identity/identity.ts";

const proofOf = (id: string) => ({ ...ANYONE, id, uri: `slipstream://fleet/edge/${id}` });

describe("an edge's id", () => {
  it("is proven by a proof of itself, or of the node that it is an edge of, and by no other", () => {
    for (const id of ["edge-1", "edge-1~2", "edge-1~64"]) assertEquals(isProven(id, proofOf("edge-1")), true, id);
    for (const id of ["edge-12", "edge-1~", "edge-1~x", "edge-1~2~3", "edge-2~1", "~1"]) {
      assertEquals(isProven(id, proofOf("edge-1")), false, id);
    }
    assertEquals(isProven("edge-1", proofOf("edge-1~2")), false);
    assertEquals(isProven("any", ANYONE), true);
  });
});
