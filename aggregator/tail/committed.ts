// Which records of what a broker has sent count: those of transactions that were given up do not, nor do the marks that end them.
// As Kafka's own client tells them apart.
import type { Buffer } from "node:buffer";

/** What is read of a broker's answer about a partition. */
export interface Fetched {
  /** Those that are among the batches, or began before and end among them. */
  abortedTransactions: { producerId: bigint; firstOffset: bigint }[] | null;
  records?: Batch[] | null;
}

interface Batch {
  firstOffset: bigint;
  lastOffsetDelta: number;
  firstTimestamp: bigint;
  attributes: number;
  producerId: bigint;
  records: {
    offsetDelta: number;
    timestampDelta: bigint;
    key: Buffer | null;
    value: Buffer | null;
    headers: [Buffer | null, Buffer | null][];
  }[];
}

/** Bits of a batch's attributes. */
const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;
/** Of a mark's key: the second number is what it is. */
const ABORT = 0;

export interface CommittedRecord {
  offset: bigint;
  /** Unix ms. */
  timeMs: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: Map<string, string>;
}

/** In order; a batch that begins before what was asked for is sent whole. */
export function committed({ abortedTransactions, records }: Fetched): CommittedRecord[] {
  const aborted = (abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const givenUp = new Set<bigint>();
  return (records ?? []).flatMap((batch) => {
    const { attributes, producerId } = batch;
    while (aborted[0] && aborted[0].firstOffset <= lastOffset(batch)) givenUp.add(aborted.shift()!.producerId);
    if (attributes & IS_CONTROL) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) givenUp.delete(producerId);
      return [];
    }
    return attributes & IS_TRANSACTIONAL && givenUp.has(producerId) ? [] : recordsOf(batch);
  });
}

export function lastOffset({ firstOffset, lastOffsetDelta }: Pick<Batch, "firstOffset" | "lastOffsetDelta">): bigint {
  return firstOffset + BigInt(lastOffsetDelta);
}

function recordsOf({ firstOffset, firstTimestamp, records }: Batch): CommittedRecord[] {
  return records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
    offset: firstOffset + BigInt(offsetDelta),
    timeMs: Number(firstTimestamp + timestampDelta),
    ...{ key, value },
    headers: new Map(headers.map(([name, value]) => [`${name}`, `${value}`])),
  }));
}
