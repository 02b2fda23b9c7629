// A neighbour without manners: sends telemetry as fast as the edge takes it, far above its rate, and reads no answer.
import { create } from "@bufbuild/protobuf";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { encodeFrame } from "../../clients/typescript/src/frame.ts";

const RECORDS = 50;
const FRAMES_PER_WRITE = 20;
const PAUSE_MS = 2;
const LAST_MS = 1000;

/** For so long, on a socket of its own. Ends sooner when the edge cuts it, and connects again. */
export async function flood(url: URL, { droneId, ms }: { droneId: string; ms: number }): Promise<void> {
  let seq = 0;
  for (const untilMs = performance.now() + ms; performance.now() < untilMs;) {
    const conn = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    // An edge that reads no more holds a write for ever.
    const timer = setTimeout(() => conn.close(), untilMs - performance.now() + LAST_MS);
    let isOpen = true;
    try {
      await shakeHands(conn, url);
      while (performance.now() < untilMs) {
        const frames = Array.from({ length: FRAMES_PER_WRITE }, () => message(telemetry(droneId, seq += RECORDS)));
        await write(conn, new Uint8Array(await new Blob(frames).arrayBuffer()));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      // The edge has had enough.
      if (!(error instanceof Error)) throw error;
      isOpen = performance.now() < untilMs + LAST_MS;
    }
    clearTimeout(timer);
    if (isOpen) conn.close();
  }
}

function telemetry(droneId: string, firstSeq: number): Uint8Array<ArrayBuffer> {
  const records = Array.from({ length: RECORDS }, (_, i) => {
    const body = { case: "battery" as const, value: { id: 0, remainingCpct: 9000 } };
    return create(TelemetrySchema, { seq: firstSeq + i, eventTimeUs: BigInt(Date.now()) * 1000n, body });
  });
  return encodeFrame({ droneId, bootId: 1 }, records);
}

async function shakeHands(conn: Deno.TcpConn, { host, pathname }: URL): Promise<void> {
  const lines = [
    ...[`GET ${pathname} HTTP/1.1`, `Host: ${host}`, "Upgrade: websocket", "Connection: Upgrade"],
    ...["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13"],
    ...["Sec-WebSocket-Protocol: slipstream.v1", "", ""],
  ];
  await write(conn, new TextEncoder().encode(lines.join("\r\n")));
  await conn.read(new Uint8Array(16_384));
}

// A binary message of RFC 6455, masked with zeros: the bytes stay what they are.
function message(payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  head.set([0x82, 0x80 | 126, payload.length >> 8, payload.length & 255]);
  return new Uint8Array([...head, ...payload]);
}

async function write(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await conn.write(bytes.subarray(written));
}
