import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Random } from "../../sim/random.ts";
import { type ExpectedRecord, fromHex, listen, loadStream, mavlink, sorted, type Stream } from "./streams.ts";

const STREAMS = ["v2", "v1", "signed", "noisy", "fleet"];
/** How long a piece of the stream is, whatever the last one was. */
const CUTS: Record<string, (random: Random) => number> = {
  "not at all": () => Infinity,
  "at every byte": () => 1,
  "anywhere": (random) => random.whole(1, 700),
};

function read({ bytes, nowUs, key }: Stream, length: () => number) {
  const { link, records } = listen({ key: key === null ? null : fromHex(key) });
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + length());
    assertEquals(link.push(piece, nowUs), true);
    at += piece.length;
  }
  return { link, records };
}

/** The first that differ; none should. */
function differing(got: ExpectedRecord[], wanted: ExpectedRecord[]): unknown[] {
  const found = [];
  for (let i = 0; i < Math.max(got.length, wanted.length); i++) {
    const want = wanted[i]?.with(5, sorted(wanted[i]![5])) ?? null;
    if (JSON.stringify(got[i] ?? null) !== JSON.stringify(want)) found.push({ i, got: got[i], want });
  }
  return found;
}

describe("a stream that pymavlink wrote", () => {
  for (const name of STREAMS) {
    for (const [cut, length] of Object.entries(CUTS)) {
      it(`${name}, cut ${cut}, becomes the records that pymavlink reads in it`, async () => {
        const stream = await loadStream(name);
        const random = new Random(1);
        const { link, records } = read(stream, () => length(random));
        assertGreater(stream.records.length, 500);
        assertEquals(differing(records, stream.records).slice(0, 3), []);
        const { wrongChecksums, unknown, ...frames } = link.counts();
        assertEquals(Object.values(frames).reduce((sum, count) => sum + count), stream.messages);
        assertEquals(frames.records, stream.records.length);
        assertEquals([wrongChecksums > 0, unknown > 0], [name === "noisy", name === "noisy"]);
        const heard = link.vehicles().reduce((sum, vehicle) => sum + vehicle.heard, 0);
        assertEquals(heard, stream.messages - frames.denied);
        link.close();
      });
    }
  }

  it("differs from what is expected once one number of it is another", async () => {
    const stream = await loadStream("v2");
    const { records } = read(stream, () => Infinity);
    const [first, ...others] = stream.records;
    assertEquals(differing(records, [first!.with(2, first![2] + 1) as ExpectedRecord, ...others]).length, 1);
  });

  it("cut in two, anywhere in its first frames, is the same stream", async () => {
    const { bytes, nowUs } = await loadStream("v2");
    const begin = bytes.subarray(0, 600);
    const whole = listen();
    whole.link.push(begin, nowUs);
    assertGreater(whole.records.length, 3);
    const on = mavlink();
    for (let at = 1; at < begin.length; at++) {
      const { link, records } = listen({ on });
      link.push(begin.subarray(0, at), nowUs);
      link.push(begin.subarray(at), nowUs);
      assertEquals(records, whole.records, `cut at ${at}`);
      link.close();
    }
  });
});
