import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { namesOf } from "../../aggregator/sinks/publishing/path.ts";

describe("what a message is called", () => {
  it("stands in a subject or topic whatever ids have in them, and says which is which", () => {
    const last = (name: string) => namesOf({ topic: "losses", path: [name] }).join("/");
    for (
      const [name, called] of [
        ["drone-1", "losses/drone-1"],
        ["", "losses/_"],
        ["*", "losses/%2A"],
        ["a.b", "losses/a%2Eb"],
        ["a.b>c/d+e#f g", "losses/a%2Eb%3Ec%2Fd%2Be%23f%20g"],
        ["%2A", "losses/%252A"],
        ["ü", "losses/%C3%BC"],
        ["\0\n", "losses/%00%0A"],
      ] as const
    ) {
      assertEquals(last(name), called);
      if (name !== "") assertEquals(decodeURIComponent(called.slice("losses/".length)), name);
    }
  });
});
