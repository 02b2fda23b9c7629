import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { committed, type Fetched } from "../../aggregator/tail/committed.ts";

const [TRANSACTIONAL, CONTROL] = [1 << 4, 1 << 5];
const [ABORT, COMMIT] = [0, 1];

type Batch = NonNullable<Fetched["records"]>[number];

function record(offsetDelta: number, key: Buffer | null): Batch["records"][number] {
  return {
    offsetDelta,
    timestampDelta: 5n,
    key,
    value: Buffer.from("v"),
    headers: [[Buffer.from("h"), Buffer.from("x")]],
  };
}

/** Of two messages, on offsets that follow each other. */
function batch(firstOffset: number, { producer, attributes = 0 }: { producer: number; attributes?: number }): Batch {
  return {
    ...{ firstOffset: BigInt(firstOffset), lastOffsetDelta: 1, firstTimestamp: 100n, attributes },
    ...{ producerId: BigInt(producer), records: [record(0, null), record(1, null)] },
  };
}

/** What ends a transaction. */
function mark(offset: number, { producer, as }: { producer: number; as: number }): Batch {
  const key = Buffer.alloc(4);
  key.writeInt16BE(as, 2);
  const attributes = TRANSACTIONAL | CONTROL;
  return { ...batch(offset, { producer, attributes }), lastOffsetDelta: 0, records: [record(0, key)] };
}

const sent = (offset: number, producer: number) => batch(offset, { producer, attributes: TRANSACTIONAL });

describe("what is committed", () => {
  it("is what no transaction was about, with time and headers", () => {
    assertEquals(
      committed({ abortedTransactions: null, records: [batch(7, { producer: -1 })] }),
      [7n, 8n].map((offset) => (
        { offset, timeMs: 105, key: null, value: Buffer.from("v"), headers: new Map([["h", "x"]]) }
      )),
    );
    assertEquals(committed({ abortedTransactions: null, records: null }), []);
  });

  it("is nothing of a transaction that was given up, whoever writes between, and all of that producer's next", () => {
    const offsets = committed({
      abortedTransactions: [{ producerId: 1n, firstOffset: 0n }],
      records: [
        ...[sent(0, 1), sent(2, 2), sent(4, 1), mark(6, { producer: 1, as: ABORT })],
        ...[sent(7, 1), mark(9, { producer: 2, as: COMMIT }), mark(10, { producer: 1, as: COMMIT })],
      ],
    }).map(({ offset }) => Number(offset));
    assertEquals(offsets, [2, 3, 7, 8]);
  });

  it("is what a producer had committed before it gave up", () => {
    const offsets = committed({
      abortedTransactions: [{ producerId: 1n, firstOffset: 3n }],
      records: [sent(0, 1), mark(2, { producer: 1, as: COMMIT }), sent(3, 1), mark(5, { producer: 1, as: ABORT })],
    }).map(({ offset }) => Number(offset));
    assertEquals(offsets, [0, 1]);
  });
});
