import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Progress } from "../../aggregator/sinks/publishing/progress.ts";

/** A progress whose disk answers when it is told to. */
function withDisk() {
  const [written, kept, failed]: [number[], number[], string[]] = [[], [], []];
  const now = { ms: 0 };
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const progress = new Progress(5, {
    write: (index) => {
      written.push(index);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    clock: () => now.ms,
    onKept: (index) => kept.push(index),
    onFailed: (why) => failed.push(why),
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const answer = async (error?: Error) => {
    await turn();
    const { resolve, reject } = answers.shift()!;
    if (error) reject(error);
    else resolve();
    await turn();
  };
  return { progress, now, written, kept, failed, answer };
}

describe("how far a destination has come", () => {
  it("counts as kept once the disk has it, which is asked each second at most, and for one thing at a time", async () => {
    const { progress, now, written, kept, answer } = withDisk();
    progress.reached(6);
    progress.reached(7);
    assertEquals([written, kept, progress.lastIndex], [[6], [], 7]);
    now.ms = 2000;
    progress.reached(8);
    assertEquals(written, [6], "one is under way");
    await answer();
    assertEquals(kept, [6]);
    progress.reached(9);
    await answer();
    assertEquals([written, kept], [[6, 9], [6, 9]]);
  });

  it("is tried again when the disk does not take it, and told once", async () => {
    const { progress, now, written, kept, failed, answer } = withDisk();
    for (const index of [6, 7]) {
      progress.reached(index);
      await answer(new Error("no room"));
      now.ms += 1000;
    }
    assertEquals([written, kept, failed], [[6, 7], [], ["no room"]]);
    const closed = progress.close();
    await answer();
    await closed;
    assertEquals(kept, [7]);
  });
});
