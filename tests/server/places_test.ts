import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Places } from "../../platform/server/places.ts";

const SHARED = new Set(["127.0.0.1", "::1"]);

function places({ connectionsMax = 100, addressConnectionsMax = 8 } = {}) {
  let nowMs = 0;
  const of = new Places({ connectionsMax, addressConnectionsMax, sharedAddresses: SHARED }, () => nowMs);
  const enter = (address: string, times = 1) => Array.from({ length: times }, () => of.enter(address)).at(-1);
  return { of, enter, pass: (ms: number) => nowMs += ms };
}

describe("the places of a server", () => {
  it("are so many, whoever comes, and free again when somebody leaves", () => {
    const { of, enter } = places({ connectionsMax: 3 });
    assertEquals([enter("127.0.0.1", 3), enter("127.0.0.1"), enter("10.0.0.1")], [null, "full", "full"]);
    of.leave("127.0.0.1");
    assertEquals([enter("10.0.0.1"), enter("10.0.0.1")], [null, "full"]);
  });

  it("are no more than a share for one address, and others have theirs", () => {
    const { of, enter, pass } = places();
    assertEquals([enter("10.0.0.1", 8), enter("10.0.0.1"), enter("10.0.0.2")], [null, "address", null]);
    pass(60_000);
    assertEquals(enter("10.0.0.1"), "address");
    of.leave("10.0.0.1");
    assertEquals(enter("10.0.0.1"), null);
  });

  it("are taken by one address no faster than a quarter of its share a second, though it leaves again", () => {
    const { of, enter, pass } = places();
    for (let i = 0; i < 8; i++) {
      assertEquals(enter("10.0.0.1"), null);
      of.leave("10.0.0.1");
    }
    assertEquals(enter("10.0.0.1"), "address");
    pass(1000);
    assertEquals([enter("10.0.0.1", 2), enter("10.0.0.1")], [null, "address"]);
  });

  it("are not for who has sent one flood after the other, until some seconds have passed", () => {
    const { of, enter, pass } = places();
    for (let i = 0; i < 4; i++) of.flooded("10.0.0.1");
    assertEquals([enter("10.0.0.1"), enter("10.0.0.2")], ["address", null]);
    pass(500);
    assertEquals(enter("10.0.0.1"), null);
  });

  it("have no such share for an address that many share, however it is written", () => {
    const { of, enter } = places();
    for (let i = 0; i < 10; i++) of.flooded("127.0.0.1");
    for (const address of ["127.0.0.1", "::ffff:127.0.0.1", "::1"]) assertEquals(enter(address, 20), null);
    assertEquals([enter("127.0.0.2", 8), enter("127.0.0.2")], [null, "address"]);
  });

  for (
    const { of, and, isOne } of [
      { of: "2001:db8:1:2::1", and: "2001:db8:1:2:ffff:ffff:ffff:ffff", isOne: true },
      { of: "2001:db8:1:2::1", and: "2001:db8:1:3::1", isOne: false },
      { of: "2001:db8::1", and: "2001:0db8:0:0:9::2", isOne: true },
      { of: "fe80::1%eth0", and: "fe80::2%eth0", isOne: true },
      { of: "::ffff:10.0.0.1", and: "10.0.0.1", isOne: true },
      { of: "::ffff:10.0.0.1", and: "::ffff:10.0.0.2", isOne: false },
    ]
  ) {
    it(`take ${of} and ${and} for ${isOne ? "one neighbour" : "two"}`, () => {
      const { enter } = places();
      assertEquals([enter(of, 8), enter(and)], [null, isOne ? "address" : null]);
    });
  }
});
