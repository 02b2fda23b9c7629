// A WebSocket that a test holds at the other end.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { AlertSchema } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { type DroneDownlink, DroneDownlinkSchema, type SeqRange } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { type AlertAck, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

export class FakeSocket {
  binaryType = "";
  readyState: number = WebSocket.CONNECTING;
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;

  /** As what the client takes it for. */
  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }

  accept(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(code = 1005): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }

  /** As sockets fail; without a listener an error throws, as in `ws`. */
  fail(): void {
    this.readyState = WebSocket.CLOSED;
    if (!this.onerror) throw new Error("Cannot connect: nobody listens to the error");
    this.onerror({});
    this.onclose?.({ code: 1006 });
  }

  /** Sequence numbers by frame. */
  get seqs(): number[][] {
    return this.sent.map((bytes) => fromBinary(TelemetryFrameSchema, bytes).records.map(({ seq }) => seq));
  }

  say(body: DroneDownlink["body"]): void {
    const bytes = toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, { droneId: "d", body }));
    this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
  }

  alert(value: MessageInitShape<typeof AlertSchema>): void {
    this.say(create(DroneDownlinkSchema, { body: { case: "alert", value } }).body);
  }

  /** Acknowledgements of alerts, in the order in which they were sent. */
  get alertAcks(): Pick<AlertAck, "alertId" | "receivedTimeUs" | "revision">[] {
    return this.sent.flatMap((bytes) => fromBinary(TelemetryFrameSchema, bytes).alertAcks)
      .map(({ alertId, receivedTimeUs, revision }) => ({ alertId, receivedTimeUs, revision }));
  }

  ack(bootId: number, ...ranges: Pick<SeqRange, "firstSeq" | "lastSeq">[]): void {
    const { body } = create(DroneDownlinkSchema, { body: { case: "ack", value: { bootId, ranges } } });
    this.say(body);
  }

  throttle(retryAfterMs: number, refused: Pick<SeqRange, "firstSeq" | "lastSeq">): void {
    this.answer({ case: "throttle", value: { retryAfterMs, bootId: 1, refused } });
  }

  heartbeat(waitingMs: number): void {
    this.answer({ case: "heartbeat", value: { waitingMs } });
  }

  fault(frames = 1): void {
    this.answer({ case: "frameFault", value: { reason: "it is damaged", frames } });
  }

  /** Any answer. */
  answer(body: MessageInitShape<typeof DroneDownlinkSchema>["body"]): void {
    this.say(create(DroneDownlinkSchema, { body }).body);
  }
}
