import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Outbox } from "../../clients/typescript/src/outbox.ts";
import { records, span } from "./client_rig.ts";

const ALL = { firstSeq: 0, lastSeq: 1000 };
const seqsOf = (some: { seq: number }[]) => some.map(({ seq }) => seq);

/** Sent in frames, at the times given. */
function sent(...frames: [seqs: number[], atMs: number][]): Outbox {
  const outbox = new Outbox();
  for (const [seqs, atMs] of frames) {
    outbox.take(records(...seqs));
    outbox.sent(outbox.newest(1000), atMs);
  }
  return outbox;
}

describe("Outbox", () => {
  it("gives the newest first, and what is older as backlog, oldest first", () => {
    const outbox = new Outbox();
    outbox.take(records(...span(0, 10)));
    assertEquals(seqsOf(outbox.newest(3)), [7, 8, 9]);
    assertEquals(seqsOf(outbox.oldest(4)), [0, 1, 2, 3]);
    assertEquals([outbox.fresh, outbox.backlog], [3, 7]);
    outbox.newest(0);
    assertEquals([outbox.fresh, seqsOf(outbox.oldest(100))], [0, span(0, 10)]);
  });

  it("puts what is recalled back in its place in the backlog", () => {
    const outbox = sent([[0, 1], 0], [[2, 3], 1]);
    outbox.recall({ firstSeq: 2, lastSeq: 3 });
    outbox.recall({ firstSeq: 0, lastSeq: 0 });
    assertEquals([seqsOf(outbox.oldest(10)), outbox.inFlight], [[0, 2, 3], 1]);
  });

  it("gives suspects one by one, and not among others", () => {
    const outbox = sent([[0, 1], 0], [[2], 0], [[3], 5000]);
    outbox.suspect(0);
    outbox.recall({ firstSeq: 0, lastSeq: 0 });
    outbox.notTaken({ suspectsMs: 1, othersMs: 0 });
    assertEquals([seqsOf(outbox.oldest(10)), outbox.backlog], [[0], 3]);
    outbox.sent(outbox.oldest(10), 1);
    assertEquals(seqsOf(outbox.oldest(10)), [1]);
    outbox.take(records(4));
    outbox.newest(0);
    outbox.sent(outbox.oldest(10), 1);
    outbox.sent(outbox.oldest(10), 1);
    assertEquals(seqsOf(outbox.oldest(10)), [4]);
  });

  it("suspects only what was sent since, and believes in the rest", () => {
    const outbox = sent([[0], 0], [[1], 10], [[2], 20]);
    outbox.suspect(10);
    assertEquals(outbox.notTaken({ suspectsMs: 15, othersMs: 0 }), []);
    assertEquals(outbox.seqs.length - outbox.inFlight, 1);
    assertEquals(seqsOf(outbox.oldest(10)), [1]);
    outbox.notTaken({ suspectsMs: 15, othersMs: 5 });
    assertEquals(outbox.backlog, 2);
  });

  const alone = (outbox: Outbox, atMs: number, isFaulted = true) => {
    outbox.sent(outbox.oldest(10), atMs);
    if (isFaulted) outbox.suspect(atMs);
    return outbox.notTaken({ suspectsMs: atMs + 1, othersMs: -Infinity });
  };

  it("gives up a record after the third time alone that it was not taken", () => {
    const outbox = sent([[0, 1], 0]);
    outbox.suspect(0);
    assertEquals(outbox.notTaken({ suspectsMs: 1, othersMs: -Infinity }), [], "there were two in the frame");
    const given = [1, 2, 3, 4, 5, 6].map((atMs) => alone(outbox, atMs));
    // It is tried again before the other one has its turn.
    assertEquals([given, outbox.size], [[[], [], [0], [], [], [1]], 0]);
  });

  it("does not give up a record that was not taken without a fault, nor one that somebody has read", () => {
    const outbox = sent([[0], 0]);
    outbox.suspect(0);
    outbox.notTaken({ suspectsMs: 1, othersMs: -Infinity });
    alone(outbox, 1);
    outbox.sent(outbox.oldest(10), 2);
    assertEquals(outbox.notTaken({ suspectsMs: 3, othersMs: 3 }), []);
    outbox.sent(outbox.oldest(10), 4);
    outbox.recall(ALL);
    assertEquals([5, 6].flatMap((atMs) => alone(outbox, atMs)), []);
    assertEquals(outbox.size, 1);
  });

  it("keeps suspects apart over a reconnect, behind what is new", () => {
    const outbox = sent([[0], 0], [[1], 5000]);
    outbox.suspect(0);
    outbox.recall({ firstSeq: 1, lastSeq: 1 });
    outbox.notTaken({ suspectsMs: 1, othersMs: -Infinity });
    outbox.sent(outbox.oldest(10), 6000);
    outbox.restart();
    assertEquals([seqsOf(outbox.newest(10)), seqsOf(outbox.oldest(10))], [[1], [0]]);
  });

  it("forgets whatever was sent, wherever it stands, and never what was not", () => {
    const outbox = sent([[0], 0], [[1], 1], [[2], 2]);
    outbox.recall({ firstSeq: 1, lastSeq: 1 });
    outbox.park(outbox.oldest(10));
    outbox.recall({ firstSeq: 2, lastSeq: 2 });
    outbox.take(records(3));
    assertEquals(outbox.forget(ALL), { seqs: [0, 2, 1], lastSentMs: 0 });
    assertEquals(outbox.seqs, [3]);
  });

  it("gives back what was parked, in its place", () => {
    const outbox = new Outbox();
    outbox.take(records(0, 1, 2));
    outbox.newest(0);
    outbox.park(records(1));
    assertEquals([seqsOf(outbox.oldest(10)), outbox.size], [[0, 2], 3]);
    outbox.unpark();
    assertEquals(seqsOf(outbox.oldest(10)), [0, 1, 2]);
  });

  it("gives up what has waited for longest, wherever that is, and what is new last", () => {
    const outbox = sent([[0, 1], 0], [[2, 3], 1]);
    outbox.recall({ firstSeq: 1, lastSeq: 1 });
    outbox.recall({ firstSeq: 3, lastSeq: 3 });
    outbox.take(records(4));
    outbox.newest(0);
    outbox.park(records(4));
    outbox.take(records(5));
    assertEquals([outbox.giveUp(2), outbox.seqs.length], [[0, 1], 4]);
    assertEquals([outbox.giveUp(2), outbox.giveUp(9), outbox.size], [[2, 3], [4, 5], 0]);
  });
});
