// Unacknowledged batches in Deno KV, so that a restarted edge sends what the one before it had accepted. Runs beside the
// live traffic and never holds it up: what cannot be written in time is counted, and its drones send it again.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type SealedBatch, SealedBatchSchema, type SlotDefinition } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { batchKey } from "../lanes/batch_id.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";

export interface KeeperParts {
  kv: Deno.Kv;
  /** Of all edges that share a configuration: what one of them leaves behind, the next that starts sends. */
  edgeName: string;
  session: bigint;
  onError: (error: unknown) => void;
}

/** KV takes values of 64 KiB, a little of it for itself. */
const CHUNK_BYTES = 60_000;
/** One transaction takes ten; a batch of more is not kept. */
const CHUNKS_MAX = 10;
/** Operations under way; a batch that would exceed them is not kept. */
const PENDING_MAX = 256;

export class Keeper {
  readonly #parts: KeeperParts;
  /** Chunks of each batch that is kept, or being kept. */
  readonly #chunks = new Map<string, { count: number; written: Promise<void> }>();
  readonly #operations = new Set<Promise<void>>();
  /** Batches that were not kept: KV was too slow, or they too large. */
  skipped = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Batches that processes before this one left behind, oldest first. */
  async restore(): Promise<OutboundBatch[]> {
    const { kv, edgeName, onError } = this.#parts;
    const parts = new Map<string, Uint8Array[]>();
    for await (const { key, value } of kv.list<Uint8Array>({ prefix: prefix(edgeName) })) {
      const [batch, index] = [String(key.at(-2)), Number(key.at(-1))];
      const chunks = parts.get(batch) ?? [];
      chunks[index] = value;
      parts.set(batch, chunks);
    }
    const restored: OutboundBatch[] = [];
    for (const [key, chunks] of parts) {
      this.#chunks.set(key, { count: chunks.length, written: Promise.resolve() });
      const batch = decode(chunks);
      if (batch) restored.push(batch);
      else {
        onError(new Error(`Cannot restore batch ${key}: it was not written to its end`));
        this.drop(key);
      }
    }
    return restored.sort((a, b) => a.key < b.key ? -1 : 1);
  }

  /** `definitions`: of all its slots. */
  keep({ key, sealed }: OutboundBatch, definitions: SlotDefinition[]): void {
    const { kv, edgeName, session } = this.#parts;
    const bytes = toBinary(SealedBatchSchema, create(SealedBatchSchema, { ...sealed, slots: definitions, session }));
    const count = Math.ceil(bytes.length / CHUNK_BYTES);
    if (this.#operations.size >= PENDING_MAX || count > CHUNKS_MAX) {
      this.skipped++;
      return;
    }
    const write = kv.atomic();
    for (let i = 0; i < count; i++) {
      write.set([...prefix(edgeName), key, i], bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
    }
    this.#chunks.set(key, { count, written: this.#track(write.commit()) });
  }

  /** Resolves when nothing is being written or erased: KV can be closed. */
  async settled(): Promise<void> {
    while (this.#operations.size > 0) await Promise.all(this.#operations);
  }

  /** It was acknowledged, or can never be. */
  drop(key: string): void {
    const kept = this.#chunks.get(key);
    if (!kept) return;
    this.#chunks.delete(key);
    const { kv, edgeName } = this.#parts;
    kept.written.then(() => {
      const erase = kv.atomic();
      for (let i = 0; i < kept.count; i++) erase.delete([...prefix(edgeName), key, i]);
      return this.#track(erase.commit());
    });
  }

  #track(operation: Promise<unknown>): Promise<void> {
    const done = operation.then(() => {}, this.#parts.onError).finally(() => this.#operations.delete(done));
    this.#operations.add(done);
    return done;
  }
}

function prefix(edgeName: string): Deno.KvKey {
  return ["slipstream", "backlog", edgeName];
}

function decode(chunks: (Uint8Array | undefined)[]): OutboundBatch | null {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0));
  let offset = 0;
  for (const chunk of chunks) {
    if (!chunk) return null;
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  const sealed = readSealed(bytes);
  if (!sealed) return null;
  const lane = sealed.lane === Lane.SAFETY ? LaneIndex.safety : LaneIndex.bulk;
  const none = new Uint32Array();
  return { key: batchKey(sealed.batchId), lane, sealed, receipt: none, slots: none, definedAt: 0, acknowledged: false };
}

function readSealed(bytes: Uint8Array): SealedBatch | null {
  try {
    return fromBinary(SealedBatchSchema, bytes);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
