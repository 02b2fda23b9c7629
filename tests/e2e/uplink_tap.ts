// Stands between an edge and the aggregator, passes every message on as it is, and keeps the batches and the slots they
// define: what was forwarded, seen from outside.
import { fromBinary } from "@bufbuild/protobuf";
import { zstdDecompressSync } from "node:zlib";
import {
  Codec,
  type PositionColumns,
  type SealedBatch,
  type SlotDefinition,
  type TelemetryBatch,
  TelemetryBatchSchema,
} from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

/** One record as an edge forwarded it; times in Unix µs. */
export interface ForwardedRecord {
  droneId: string;
  seq: number;
  eventTimeUs: number;
}

/** Altitude above mean sea level, undefined where absent. */
export interface ForwardedFix extends ForwardedRecord {
  latE7: number;
  lonE7: number;
  altMslMm: number | undefined;
}

const SUBPROTOCOL = "slipstream.uplink.v1";
const ALT_MSL_PRESENT = 1;

export class UplinkTap {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #slots = new Map<number, SlotDefinition>();
  readonly #batches = new Map<string, TelemetryBatch>();

  constructor(aggregatorUplinkUrl: string) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const { socket: edge, response } = Deno.upgradeWebSocket(request, { protocol: SUBPROTOCOL });
      const aggregator = new WebSocket(aggregatorUplinkUrl, SUBPROTOCOL);
      const opened = new Promise<void>((resolve) => aggregator.onopen = () => resolve());
      for (const socket of [edge, aggregator]) socket.binaryType = "arraybuffer";
      edge.onmessage = async ({ data }) => {
        this.#keep(data);
        await opened;
        aggregator.send(data);
      };
      aggregator.onmessage = ({ data }) => edge.send(data);
      edge.onclose = () => aggregator.close();
      aggregator.onclose = () => {
        if (edge.readyState === WebSocket.OPEN) edge.close();
      };
      return response;
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/v1/uplink`;
  }

  /** Every forwarded position, in the order of its batch. */
  get fixes(): ForwardedFix[] {
    return [...this.#batches.values()].flatMap(({ positions }) => positions ? this.#fixes(positions) : []);
  }

  /** Every record suppressed as a near-duplicate. */
  get nearDuplicates(): ForwardedRecord[] {
    return [...this.#batches.values()].flatMap(({ nearDuplicates }) =>
      nearDuplicates ? this.#records(nearDuplicates) : []
    );
  }

  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  #keep(data: ArrayBuffer): void {
    const { body } = fromBinary(EdgeUplinkSchema, new Uint8Array(data));
    if (body.case !== "batch") return;
    for (const slot of body.value.slots) this.#slots.set(slot.slot, slot);
    // A batch that is sent again is the same batch.
    this.#batches.set(body.value.batchId.join(), open(body.value));
  }

  #records(columns: Pick<PositionColumns, "count" | "slot" | "seq" | "eventS" | "eventUs">): ForwardedRecord[] {
    const { count } = columns;
    const [slots, seqs] = [unsigned(columns.slot, count), unsigned(columns.seq, count)];
    const [seconds, micros] = [unsigned(columns.eventS, count), unsigned(columns.eventUs, count)];
    return Array.from({ length: count }, (_, i) => ({
      droneId: this.#slots.get(slots[i]!)?.droneId ?? `slot ${slots[i]} was never defined`,
      seq: seqs[i]!,
      eventTimeUs: seconds[i]! * 1e6 + micros[i]!,
    }));
  }

  #fixes(columns: PositionColumns): ForwardedFix[] {
    const { count } = columns;
    const presence = unsigned(columns.presence, count);
    const [latE7, lonE7] = [signed(columns.latE7, count), signed(columns.lonE7, count)];
    const altMslMm = signed(columns.altMslMm, count);
    return this.#records(columns).map((record, i) => ({
      ...record,
      latE7: latE7[i]!,
      lonE7: lonE7[i]!,
      altMslMm: presence[i]! & ALT_MSL_PRESENT ? altMslMm[i] : undefined,
    }));
  }
}

function open({ codec, body, rawBytes }: SealedBatch): TelemetryBatch {
  const raw = codec === Codec.ZSTD ? zstdDecompressSync(body) : body;
  if (raw.length !== rawBytes) throw new RangeError(`Cannot open a batch: ${raw.length} bytes, ${rawBytes} stated`);
  return fromBinary(TelemetryBatchSchema, new Uint8Array(raw));
}

// Deltas to the value before, modulo 2^32; trailing zeros are left out: see batch.proto.
function signed(deltas: number[], count: number): number[] {
  let value = 0;
  return Array.from({ length: count }, (_, i) => value = (value + (deltas[i] ?? 0)) | 0);
}

function unsigned(deltas: number[], count: number): number[] {
  return signed(deltas, count).map((value) => value >>> 0);
}
