// A drone that has done nothing wrong: sends a record, waits until it is acknowledged, and sends the next.
import { fromBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { batteryFrame } from "../edge/rig.ts";

const PAUSE_MS = 20;

export class Bystander {
  readonly #socket: WebSocket;
  readonly #latenciesMs: number[] = [];
  #closed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async connect(url: string): Promise<Bystander> {
    const socket = new WebSocket(url, "slipstream.v1");
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => socket.onopen = resolve);
    const of = new Bystander(socket);
    of.#fly();
    return of;
  }

  /** Acknowledged since it was last asked: how long each took, the longest last. */
  take(): number[] {
    return this.#latenciesMs.splice(0).sort((a, b) => a - b);
  }

  get isConnected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }

  #fly(): void {
    let [seq, sentMs] = [0, 0];
    const send = () => {
      if (this.#closed || !this.isConnected) return;
      sentMs = performance.now();
      this.#socket.send(batteryFrame("bystander", [++seq]));
    };
    this.#socket.onmessage = ({ data }) => {
      if (fromBinary(DroneDownlinkSchema, new Uint8Array(data)).body.case !== "ack") return;
      this.#latenciesMs.push(performance.now() - sentMs);
      setTimeout(send, PAUSE_MS);
    };
    send();
  }
}
