// An aggregator on a free port around a scripted pipeline, and an edge's end of the uplink.
import { setImmediate } from "node:timers";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Aggregator, type AggregatorParts, startAggregator } from "../../aggregator/aggregator.ts";
import type { DecodedBatch } from "../../aggregator/batch/columns.ts";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { pseudonyms } from "../../platform/pseudonyms.ts";
import { Codec, Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import {
  BatchVerdict,
  type EdgeDownlink,
  EdgeDownlinkSchema,
  EdgeUplinkSchema,
} from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { Changes } from "../changes.ts";
import { FakePipeline } from "./fake_pipeline.ts";

type UplinkBody = NonNullable<MessageInitShape<typeof EdgeUplinkSchema>["body"]>;
export type BatchInit = Extract<UplinkBody, { case: "batch" }>["value"];

export function platform(log: (message: string) => void = () => {}): AggregatorParts["platform"] {
  return {
    nowUs: () => (performance.timeOrigin + performance.now()) * 1000,
    clock: () => performance.now(),
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    soon: (fn) => void setImmediate(fn),
    every: (ms, fn) => {
      const timer = setInterval(fn, ms);
      return () => clearInterval(timer);
    },
    log: (_, message) => log(message),
    pseudonym: pseudonyms("a test's key", "drone"),
  };
}

export class EdgeEnd {
  readonly messages: EdgeDownlink[] = [];
  readonly #socket: WebSocket;
  #closed: CloseEvent | undefined;
  readonly #changes = new Changes();

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/v1/uplink`, "slipstream.uplink.v1");
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => {
      this.messages.push(fromBinary(EdgeDownlinkSchema, new Uint8Array(data)));
      this.#changes.happened();
    };
    this.#socket.onclose = (event) => {
      this.#closed = event;
      this.#changes.happened();
    };
  }

  get closed(): Promise<CloseEvent> {
    return this.#changes.until(() => this.#closed);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#socket.onopen = () => resolve());
    return this;
  }

  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  send(body: UplinkBody): void {
    this.sendRaw(toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body })));
  }

  async greet(session = 5n, edgeId = "edge-1"): Promise<this> {
    await this.open();
    this.send({ case: "hello", value: { edgeId, session, region: "local" } });
    await this.until(() => this.messages.length >= 3);
    return this;
  }

  async until(done: () => boolean): Promise<void> {
    await this.#changes.until(done);
  }

  /** Sends a batch and waits for the answer to it. */
  async hand(batch: BatchInit): Promise<BatchVerdict> {
    const acks = () => this.messages.flatMap(({ body }) => body.case === "ack" ? [body.value] : []);
    const before = acks().length;
    this.send({ case: "batch", value: batch });
    await this.until(() => acks().length > before);
    return acks().at(-1)!.verdict;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

export function batchInit(raw: Uint8Array<ArrayBuffer>, over: BatchInit = {}) {
  const body = { codec: Codec.NONE, rawBytes: raw.length, body: raw };
  return { batchId: crypto.getRandomValues(new Uint8Array(16)), lane: Lane.SAFETY, records: 1, ...body, ...over };
}

export interface Rig {
  aggregator: Aggregator;
  pipeline: FakePipeline;
  /** Lengths of the raw batches that were decoded. */
  decoded: number[];
  logs: string[];
  connect: () => EdgeEnd;
}

/** Runs `test` against an aggregator whose decoder takes anything that does not begin with 0xff, then stops it. */
export async function withAggregator(parts: Partial<AggregatorParts>, test: (rig: Rig) => Promise<void>) {
  const config = { ...readAggregatorConfig({}), port: 0, sqlitePath: ":memory:", journalPath: ":memory:" };
  const pipeline = new FakePipeline();
  const decoded: number[] = [];
  const logs: string[] = [];
  const decode = (raw: Uint8Array): DecodedBatch => {
    decoded.push(raw.length);
    if (raw[0] === 0xff) throw new RangeError("Cannot decode the batch: it begins with 0xff");
    // The scripted pipeline does not look at it.
    return { records: 1 } as DecodedBatch;
  };
  const log = (message: string) => void logs.push(message);
  const aggregator = await startAggregator({ config, platform: platform(log), pipeline, decode, ...parts });
  const ends: EdgeEnd[] = [];
  const connect = () => {
    const end = new EdgeEnd(aggregator.url);
    ends.push(end);
    return end;
  };
  try {
    await test({ aggregator, pipeline, decoded, logs, connect });
  } finally {
    await Promise.all(ends.map((end) => end.close()));
    await aggregator.stop();
  }
}
