import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BUFFERED_BYTES_MAX, Connection } from "../../edge/drones/connection.ts";
import { frameFaultWord } from "../../edge/drones/downlink.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";

/** A socket of a peer that reads when the test says so. */
function unread() {
  const closes: number[] = [];
  const socket = {
    readyState: WebSocket.OPEN as number,
    bufferedAmount: 0,
    send: (bytes: Uint8Array) => socket.bufferedAmount += bytes.length,
    close: (code: number) => {
      closes.push(code);
      socket.readyState = WebSocket.CLOSING;
    },
  };
  return {
    socket,
    closes,
    connection: new Connection(webSocketWire(socket as unknown as WebSocket), { clock: () => 0 }),
  };
}

const MESSAGE = frameFaultWord({ reason: "x".repeat(1000), frames: 1 });

/** Writes until nothing more is taken. */
function fill(connection: Connection): void {
  for (let i = 0; i < 2 * BUFFERED_BYTES_MAX / MESSAGE.bytes.length; i++) connection.send(MESSAGE);
}

describe("Connection", () => {
  it("is owed a word on its frames until it has one: a warning is none", () => {
    const { socket, connection } = unread();
    assertEquals(connection.owedSinceMs, null);
    connection.heard();
    connection.warn(MESSAGE);
    assertEquals([connection.owedSinceMs, socket.bufferedAmount], [0, MESSAGE.bytes.length]);
    connection.send(MESSAGE);
    assertEquals(connection.owedSinceMs, null);
  });

  it("holds no more than its limit for a drone that never reads, whatever is sent to it", () => {
    const { socket, connection } = unread();
    assertEquals(connection.send(MESSAGE), true);
    fill(connection);
    assertLess(socket.bufferedAmount, BUFFERED_BYTES_MAX + MESSAGE.bytes.length);
    assertEquals([connection.writable, connection.send(MESSAGE)], [false, false]);
    socket.bufferedAmount = 0;
    assertEquals(connection.send(MESSAGE), true);
  });

  it("gives up a drone that has read nothing of a full buffer for 30 s, and no sooner", () => {
    const { connection, closes } = unread();
    fill(connection);
    for (let s = 1; s <= 30; s++) connection.check(s * 1000);
    assertEquals(closes, []);
    connection.check(32_000);
    connection.check(33_000);
    assertEquals(closes, [1008]);
  });

  it("gives up a drone that read once, and then no more", () => {
    const { socket, connection, closes } = unread();
    fill(connection);
    socket.bufferedAmount = 0;
    connection.check(1000);
    fill(connection);
    for (let s = 2; s <= 40; s++) connection.check(s * 1000);
    assertEquals(closes, [1008]);
  });

  it("bears with a drone that reads slowly, and with one that has nothing to read", () => {
    const { socket, connection, closes } = unread();
    for (let s = 1; s <= 60; s++) {
      fill(connection);
      connection.check(s * 1000);
      if (s % 20 === 0) socket.bufferedAmount -= MESSAGE.bytes.length;
    }
    socket.bufferedAmount = 0;
    for (let s = 61; s <= 120; s++) connection.check(s * 1000);
    assertEquals(closes, []);
  });

  it("says nothing more once it closes", () => {
    const { socket, connection, closes } = unread();
    connection.close(1001, "The edge is stopping");
    connection.close(1001, "The edge is stopping");
    assertEquals([connection.send(MESSAGE), socket.bufferedAmount, closes], [false, 0, [1001]]);
  });
});
