import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Verdict } from "../../wasm/verdict.ts";
import { encode, load } from "./frames.ts";

let seq = 0;

function frame(group: string, { droneId = "a", bootId = 1, seqs = [++seq] } = {}): Uint8Array<ArrayBuffer> {
  const records = seqs.map((seq) => ({
    seq,
    eventTimeUs: 1_790_000_000_000_000n + BigInt(seq),
    body: { case: "battery" as const, value: { voltageMv: 15_000 } },
  }));
  return encode({ droneId, bootId, group, records });
}

describe("the formation of a frame", () => {
  it("is told when a slot's frames declare another one, and only then", async () => {
    const hotPath = await load();
    const told = (bytes: Uint8Array) => {
      assertEquals(hotPath.push(bytes, 0), Verdict.accepted);
      return hotPath.isNewGroup ? hotPath.group() : null;
    };
    const names = [
      "",
      "show",
      "show",
      "shot",
      "show-1",
      "show-2",
      "0123456789abcdef",
      "0123456789abcdeF",
      "1123456789abcdeF",
      "",
    ];
    assertEquals(names.map((group) => told(frame(group))), [
      null,
      "show",
      null,
      ...names.slice(3),
    ]);
    assertEquals(told(frame("show")), "show");
    assertEquals(told(frame("show", { droneId: "b" })), "show", "another drone");
    assertEquals(told(frame("show", { bootId: 2 })), "show", "another boot");
    assertEquals(told(frame("show")), null);
  });

  it("is not believed of a frame that brings nothing new: it may be an old one", async () => {
    const hotPath = await load();
    const old = frame("before", { seqs: [900] });
    hotPath.push(old, 0);
    hotPath.push(frame("now", { seqs: [901] }), 0);
    assertEquals(hotPath.isNewGroup, true);
    hotPath.push(old, 0);
    assertEquals([hotPath.duplicates, hotPath.isNewGroup], [1, false]);
    hotPath.push(frame("now", { seqs: [902] }), 0);
    assertEquals(hotPath.isNewGroup, false);
  });

  it("has at most 64 bytes of UTF-8, or the frame is malformed", async () => {
    const hotPath = await load();
    const longest = "é".repeat(32);
    assertEquals([hotPath.push(frame(longest), 0), hotPath.group()], [Verdict.accepted, longest]);
    assertEquals(hotPath.push(frame(`${longest}x`), 0), Verdict.malformed);
    assertEquals(hotPath.fault, "group must be at most 64 bytes of UTF-8");
    const broken = frame("show");
    broken[broken.length - 1] = 0xff;
    assertEquals(hotPath.push(broken, 0), Verdict.malformed);
  });
});
