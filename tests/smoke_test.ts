import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
describe("x", () => {
  it("y", () => {
    using t = new FakeTime(5);
    t.tick(10);
    assertEquals(Date.now(), 15);
  });
});
