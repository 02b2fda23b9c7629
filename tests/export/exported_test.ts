import { assertEquals, assertRejects } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { exported, type Source } from "../../aggregator/export/exported.ts";

let made: number;
let stopped: number;
let letGo: number;
let end: () => void;
let why: string | null;

const TAKEN = { hold: (ends: () => void) => (end = ends, () => void letGo++), mayGoOn: () => why };

function source(pieces: number, { failing = -1 } = {}): Source {
  return {
    next: () => {
      if (made === failing) return Promise.reject(new Error("it is gone"));
      return Promise.resolve(made++ < pieces ? new Uint8Array([made]) : null);
    },
    stop: () => void stopped++,
  };
}

async function all(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): Promise<number[]> {
  const bytes: number[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes.push(...part.value);
  return bytes;
}

describe("an export", () => {
  beforeEach(() => {
    [made, stopped, letGo, why] = [0, 0, 0, null];
  });

  it("is made as it is read, and let go of when all of it was", async () => {
    const reader = (await exported(source(3), TAKEN)).getReader();
    await reader.read();
    assertEquals([made, stopped], [1, 0]);
    assertEquals(await all(reader), [2, 3]);
    assertEquals([stopped, letGo], [1, 1]);
  });

  it("that cannot begin is no answer", async () => {
    await assertRejects(() => exported(source(3, { failing: 0 }), TAKEN), Error, "it is gone");
    assertEquals([stopped, letGo], [1, 0]);
  });

  it("is broken off, not ended, where it cannot go on", async () => {
    const reader = (await exported(source(3, { failing: 2 }), TAKEN)).getReader();
    await assertRejects(() => all(reader), Error, "Cannot go on with an export: it is gone");
    assertEquals([stopped, letGo], [1, 1]);
  });

  it("is broken off when the proof ends of who asked, and when it may not go on", async () => {
    const reader = (await exported(source(3), TAKEN)).getReader();
    await reader.read();
    end();
    await assertRejects(() => all(reader), Error, "the proof of who asked for it has ended");
    const another = (await exported(source(9), TAKEN)).getReader();
    why = "a drone was erased";
    await assertRejects(() => all(another), Error, "a drone was erased");
    assertEquals([stopped, letGo], [2, 2]);
  });

  it("that nobody reads any more is made no further", async () => {
    const reader = (await exported(source(3), TAKEN)).getReader();
    await reader.cancel();
    assertEquals([made, stopped, letGo], [1, 1, 1]);
  });
});
