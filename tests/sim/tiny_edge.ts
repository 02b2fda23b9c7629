// Just enough of an edge to end a drone's connection: counts records, and acknowledges them.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";

export class TinyEdge implements AsyncDisposable {
  /** How often each record arrived, by drone and sequence number. */
  readonly arrivals = new Map<string, number>();
  malformed = 0;
  connections = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, { protocol: TELEMETRY_SUBPROTOCOL });
      socket.binaryType = "arraybuffer";
      socket.onopen = () => this.connections++;
      socket.onmessage = ({ data }) => this.#receive(socket, new Uint8Array(data));
      return response;
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/v1/telemetry`;
  }

  #receive(socket: WebSocket, bytes: Uint8Array): void {
    let frame;
    try {
      frame = fromBinary(TelemetryFrameSchema, bytes);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.malformed++;
      return;
    }
    const { droneId, bootId, records } = frame;
    for (const { seq } of records) {
      const key = `${droneId} ${seq}`;
      this.arrivals.set(key, (this.arrivals.get(key) ?? 0) + 1);
    }
    const ranges = records.map(({ seq }) => ({ firstSeq: seq, lastSeq: seq }));
    const ack = create(DroneDownlinkSchema, { droneId, body: { case: "ack", value: { bootId, ranges } } });
    if (socket.readyState === WebSocket.OPEN) socket.send(toBinary(DroneDownlinkSchema, ack));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
