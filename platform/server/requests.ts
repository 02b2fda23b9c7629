// A request of node:http as the web's, and the web's answer back: as it is made, no faster than it is read, and no longer
// than somebody does.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { SAFE_HEADERS } from "./safe_headers.ts";

/** Null: there is no such request. Of its address, absolute or not, only the path is looked at, never the host. */
export function toRequest(incoming: IncomingMessage): Request | null {
  const { method = "GET", url = "/", headers } = incoming;
  if (!hasOneHost(incoming)) return null;
  const path = url.replace(/^https?:\/\/[^/?#]*/i, "");
  const address = `http://server${path}`;
  if (!path.startsWith("/") || !URL.canParse(address) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) return null;
  const of = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) of.set(name, String(value));
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers: of });
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  return new Request(address, { method, headers: of, body });
}

// As RFC 9112 §3.2 has it: of two, whoever stands in front of us may have looked at the other one.
function hasOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  const count = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host").length;
  return count === 1 || count === 0 && httpVersion === "1.0";
}

/** What is answered where there is no request. */
export function unreadable(): Response {
  return Response.json({ error: "Cannot read the request: its address or host is none" }, {
    status: 400,
    headers: SAFE_HEADERS,
  });
}

/** The same to an `Expect` that is not 100-continue. */
export function unexpected(): Response {
  const error = "Cannot do what is expected: only 100-continue";
  return Response.json({ error }, { status: 417, headers: SAFE_HEADERS });
}

/** Sends an answer to a request that wanted to become a WebSocket: nothing comes after it. */
export async function refuseUpgrade(response: Response, tcp: Socket): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = [...response.headers, ["content-length", `${body.length}`], ["connection", "close"]];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  tcp.write(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}\r\n${lines}\r\n`);
  tcp.end(body, () => tcp.destroy());
}

/** Sends an answer; resolves when all of it is with the kernel, or nobody is there who would read it. */
export async function send(
  response: Response,
  { incoming, outgoing, soon }: {
    incoming: IncomingMessage;
    outgoing: ServerResponse;
    /** Runs it when what is ready by now has been dealt with. */
    soon: (fn: () => void) => void;
  },
): Promise<void> {
  // What is left of a body that nobody reads goes with the connection.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.setHeader(name, response.headers.getSetCookie());
    else outgoing.setHeader(name, value);
  }
  if (!response.body) return end(outgoing, new Uint8Array());
  const reader = response.body.getReader();
  const leave = () => void reader.cancel().catch(() => {});
  outgoing.once("close", leave);
  if (outgoing.destroyed) leave();
  try {
    await sendParts(reader, { outgoing, soon });
  } finally {
    outgoing.off("close", leave);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function sendParts(
  reader: Reader,
  { outgoing, soon }: { outgoing: ServerResponse; soon: (fn: () => void) => void },
): Promise<void> {
  const isReady = (part: Promise<unknown>) =>
    Promise.race([part.then(() => true), new Promise<boolean>((resolve) => soon(() => resolve(false)))]);
  const read = () => {
    const part = reader.read();
    // Waited for below, at the latest when the peer has read what came before it.
    part.catch(() => {});
    return part;
  };
  let next = read();
  // A stream that has nothing to say yet: that it is there is news already.
  if (!await isReady(next)) outgoing.flushHeaders();
  for (let part = await next; !part.done; part = await next) {
    next = read();
    // Most answers are one part: its length can be told.
    if (!outgoing.headersSent && await isReady(next) && (await next).done) return end(outgoing, part.value);
    if (!outgoing.write(part.value)) await drained(outgoing);
  }
  outgoing.end();
}

function end(outgoing: ServerResponse, body: Uint8Array): void {
  const { statusCode } = outgoing;
  if (statusCode !== 204 && statusCode !== 304) outgoing.setHeader("content-length", body.length);
  outgoing.end(body);
}

/** The peer has read what was sent, or has gone. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.once("drain", done);
    outgoing.once("close", done);
    if (outgoing.destroyed) done();
  });
}
