// From a journalled batch to the bytes for its drones: ours settles it in the hot path and tells each drone ranges of numbers; the
// plain way tells a record at a time; the limit encodes one message for each drone and looks at nothing.
import { Acknowledgements } from "../../edge/drones/acknowledgements.ts";
import { Connection } from "../../edge/drones/connection.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";
import { ackWord, type Word } from "../../edge/drones/downlink.ts";
import { type Slot, Slots } from "../../edge/drones/slots.ts";
import { type HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import type { BenchCase } from "./bench_case.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { Traffic } from "./hot_path_traffic.ts";

/** `drones` in turn send `records` in all, sealed as one batch. */
const BATCHES = [{ records: 64, drones: 64 }, { records: 1024, drones: 500 }, { records: 1024, drones: 32 }];

/** Small and large batches of many and few drones. */
export function acknowledgementCases(): Promise<BenchCase[]> {
  return Promise.all(BATCHES.map(acknowledgementCase));
}

async function acknowledgementCase(batch: { records: number; drones: number }): Promise<BenchCase> {
  const { records, drones } = batch;
  const ours = await AcknowledgedEdge.open(batch);
  const plain = await AcknowledgedEdge.open(batch);
  const reached = [...ours.slots.values()].slice(0, records);
  const ranges = [{ first: 1 << 28, last: (1 << 28) + 1 }];
  ours.checkOnce();
  return {
    name: `acknowledgement: ${records.toLocaleString("en-GB")} records of ${drones} drones`,
    unit: "a batch",
    ours: ({ start, end }) => {
      const receipt = ours.fill();
      start();
      ours.acknowledge(receipt);
      end();
    },
    plain: {
      name: "an Ack for each record",
      run: ({ start, end }) => {
        const receipt = plain.fill();
        start();
        plain.acknowledgeEach(receipt);
        end();
      },
    },
    limit: {
      name: "one message a drone",
      run: () => {
        for (const slot of reached) ours.tell(ackWord(slot, ranges));
      },
    },
  };
}

/** An edge with nothing but a hot path, the drones' slots and one connection that takes all bytes. */
class AcknowledgedEdge {
  readonly #hotPath: HotPath;
  readonly #traffic: Traffic;
  readonly #records: number;
  readonly #acknowledgements: Acknowledgements;
  readonly #connection: Connection;
  readonly slots = new Map<number, Slot>();
  /** Of all acknowledgements so far. */
  messages = 0;

  private constructor(hotPath: HotPath, { records, drones }: { records: number; drones: number }) {
    this.#hotPath = hotPath;
    this.#records = records;
    this.#traffic = new Traffic({ kind: "position", recordsPerFrame: 1, drones, fate: "kept" });
    const socket = { readyState: WebSocket.OPEN, bufferedAmount: 0, send: () => this.messages++ };
    const connection = this.#connection = new Connection(webSocketWire(socket as unknown as WebSocket), {
      clock: () => 0,
    });
    const slots = new Slots();
    for (let i = 0; i < drones; i++) {
      this.#hotPath.push(this.#traffic.next(), this.#traffic.nowMs);
      const { slot: number, bootId, source } = hotPath;
      const zone = { fleet: "fleet", zone: "unassigned" };
      const slot = slots.add({ slot: number, droneId: hotPath.droneId(), bootId, source }, zone);
      slots.spoke(slot, connection, { nowMs: 0 });
      this.slots.set(number, slot);
    }
    this.#hotPath.seal(LaneIndex.safety);
    this.#acknowledgements = new Acknowledgements({
      slots,
      counters: { answersDropped: 0 },
      clock: () => 0,
      onLost: () => {
        throw new Error("Cannot trust the acknowledgements: records were lost");
      },
    });
  }

  static async open(batch: { records: number; drones: number }): Promise<AcknowledgedEdge> {
    return new AcknowledgedEdge(await loadUnlimitedHotPath(), batch);
  }

  /** The receipt of the next batch. */
  fill(): Uint32Array {
    for (let i = 0; i < this.#records; i++) this.#hotPath.push(this.#traffic.next(), this.#traffic.nowMs);
    return this.#hotPath.seal(LaneIndex.safety)!.receipt;
  }

  acknowledge(receipt: Uint32Array): void {
    this.#hotPath.settle(receipt);
    this.#acknowledgements.settle(receipt);
    this.#acknowledgements.send();
  }

  acknowledgeEach(receipt: Uint32Array): void {
    this.#hotPath.settle(receipt);
    for (let i = 0; i < receipt.length; i += 2) {
      const seq = receipt[i + 1]!;
      this.tell(ackWord(this.slots.get(receipt[i]!)!, [{ first: seq, last: seq }]));
    }
  }

  tell(word: Word): void {
    this.#connection.send(word);
  }

  /** @throws {Error} when a batch is not answered with one message for each drone in it */
  checkOnce(): void {
    const before = this.messages;
    this.acknowledge(this.fill());
    const expected = Math.min(this.#records, this.slots.size);
    if (this.messages - before !== expected) {
      throw new Error(`Cannot trust the acknowledgements: ${this.messages - before} messages for ${expected} drones`);
    }
  }
}
