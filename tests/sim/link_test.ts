import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DEFAULT_CLIENT_SETTINGS } from "../../sim/drone_client.ts";
import { Link } from "../../sim/link.ts";
import { FakeSocket } from "./fake_socket.ts";

describe("Link", () => {
  it("does not take its own process's stall for an edge that is silent", () => {
    const timers: (() => void)[] = [];
    const socket = new FakeSocket();
    const link = new Link(DEFAULT_CLIENT_SETTINGS, {
      connect: () => socket.socket,
      random: () => 0.5,
      after: (_, fn) => {
        timers.push(fn);
        return () => void (timers.splice(timers.indexOf(fn), 1));
      },
    }, { onOpen: () => {}, onBytes: () => link.heard(), onLost: () => {} });
    link.open();
    socket.accept();
    timers.length = 0;
    link.expectAnswer();
    // All timers that are due by now run before the socket is read.
    for (const due of timers.splice(0)) due();
    socket.heartbeat(0);
    assertEquals([timers.length, link.connected], [0, true]);
    link.expectAnswer();
    for (let step = 0; step < 2; step++) for (const due of timers.splice(0)) due();
    assertEquals(link.connected, false);
  });
});
