// One attack as a process of its own, from an address of its own on this machine, until it is ended:
//   attacks.ts NAME http://HOST:PORT
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { setInterval } from "node:timers";
import { webSocketFrame } from "../edge/raw_client.ts";

const FROM = "127.0.0.2";
const [name = "", target = ""] = Deno.args;
const { hostname, port } = new URL(target);

/** Connects, says `first`, and connects again a moment after it was ended; `then` is done each `everyMs`. */
function keep(count: number, { first = "", then = () => {}, everyMs = 500, opened = () => {} }: {
  first?: string | Uint8Array;
  then?: (socket: Socket) => void;
  everyMs?: number;
  opened?: (socket: Socket) => void;
} = {}): void {
  for (let i = 0; i < count; i++) {
    const open = () => {
      const socket = connect({ host: hostname, port: Number(port), localAddress: FROM });
      socket.on("error", () => {});
      socket.on("connect", () => {
        if (first.length > 0) socket.write(first);
        opened(socket);
      });
      socket.resume();
      const timer = setInterval(() => socket.writable && !socket.connecting && then(socket), everyMs);
      socket.on("close", () => {
        clearInterval(timer);
        setTimeout(open, 250);
      });
    };
    open();
  }
}

const handshake = [
  ...["GET /v1/telemetry HTTP/1.1", "host: localhost", "upgrade: websocket", "connection: Upgrade"],
  ...["sec-websocket-version: 13", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""],
].join("\r\n");
const post = (path: string) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 3000\r\n\r\n{`;

/** Writes the same for as long as it is taken. */
function pour(socket: Socket, bytes: Uint8Array): void {
  const go = () => {
    while (socket.writable && socket.write(bytes));
    if (socket.writable) socket.once("drain", go);
  };
  go();
}

function many(frame: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(frame.length * count);
  for (let i = 0; i < count; i++) bytes.set(frame, i * frame.length);
  return bytes;
}

const afterHandshake = (write: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once("data", () => write(socket));

/** As a fragment that says that it is compressed. */
const compressed = webSocketFrame(new Uint8Array(1000));
compressed[0]! |= 0x40;

const ATTACKS: Record<string, () => void> = {
  "half-open": () => keep(300),
  "slow-headers": () =>
    keep(300, { first: "GET / HTTP/1.1\r\nhost: localhost\r\nx: ", then: (socket) => socket.write("x") }),
  "slow-body": () => keep(300, { first: post("/v1/replay"), then: (socket) => socket.write(" ") }),
  "slow-acknowledgement": () =>
    keep(60, { first: post("/v1/alerts/1/acknowledge"), then: (socket) => socket.write(" ") }),
  "slow-message": () =>
    keep(100, {
      first: handshake,
      opened: afterHandshake((socket) => socket.write(webSocketFrame(new Uint8Array(60_000)).subarray(0, 100))),
      then: (socket) => socket.write(Uint8Array.of(0)),
    }),
  "fragments": () =>
    keep(100, {
      first: handshake,
      opened: afterHandshake((socket) => {
        socket.write(webSocketFrame(new Uint8Array(2000), { final: false }));
        socket.write(many(webSocketFrame(new Uint8Array(2000), { opcode: 0, final: false }), 29));
      }),
      // Within a message pings may come: they are no sign that it goes on.
      then: (socket) => socket.write(webSocketFrame(new Uint8Array(1), { opcode: 9 })),
    }),
  "compressed": () => keep(20, { first: handshake, opened: afterHandshake((socket) => socket.write(compressed)) }),
  "pings": () =>
    keep(4, {
      first: handshake,
      opened: afterHandshake((socket) => pour(socket, many(webSocketFrame(new Uint8Array(100), { opcode: 9 }), 500))),
    }),
  "frames": () =>
    keep(2, {
      first: handshake,
      opened: afterHandshake((socket) => pour(socket, many(webSocketFrame(new Uint8Array(0)), 2000))),
    }),
  "connections": () => {
    const open = () => {
      const socket = connect({ host: hostname, port: Number(port), localAddress: FROM });
      socket.on("error", () => {});
      socket.on("connect", () => socket.end());
      socket.resume();
      socket.on("close", () => setTimeout(open, 1));
    };
    for (let i = 0; i < 20; i++) open();
  },
  // Whole ones, by clients without a certificate.
  "handshakes": () => {
    const open = () => {
      const tcp = connect({ host: hostname, port: Number(port), localAddress: FROM });
      const socket = connectTls({ host: hostname, rejectUnauthorized: false, socket: tcp });
      socket.on("error", () => {});
      socket.resume();
      socket.on("close", () => setTimeout(open, 1));
    };
    for (let i = 0; i < 20; i++) open();
  },
  // The beginning of a ClientHello, and no more.
  "half-handshakes": () => keep(60, { first: Uint8Array.of(22, 3, 1, 2, 0, 1, 0) }),
};

const attack = ATTACKS[name];
if (!attack) throw new TypeError(`Cannot attack by ${name}: there are ${Object.keys(ATTACKS).join(", ")}`);
attack();
console.log("attacking");
