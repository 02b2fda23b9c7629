import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DEFAULT_CLIENT_SETTINGS } from "../../clients/typescript/src/drone_client.ts";
import { Link } from "../../clients/typescript/src/link.ts";
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

  describe("renews the proof of who the drone is", () => {
    const rig = () => {
      const sockets: FakeSocket[] = [];
      const timers = new Set<{ atMs: number; fn: () => void }>();
      const told: string[] = [];
      let nowMs = 0;
      const link = new Link(DEFAULT_CLIENT_SETTINGS, {
        connect: () => {
          sockets.push(new FakeSocket());
          return sockets.at(-1)!.socket;
        },
        renewAfterMs: () => 60_000,
        random: () => 0.5,
        after: (ms, fn) => {
          const timer = { atMs: nowMs + ms, fn };
          timers.add(timer);
          return () => void timers.delete(timer);
        },
      }, {
        onOpen: () => told.push("open"),
        onBytes: () => {
          told.push("bytes");
          link.heard();
        },
        onLost: (code) => told.push(`lost ${code}`),
      });
      const until = (ms: number) => {
        for (let due; (due = [...timers].filter(({ atMs }) => atMs <= ms).sort((a, b) => a.atMs - b.atMs)[0]);) {
          timers.delete(due);
          nowMs = due.atMs;
          due.fn();
        }
        nowMs = ms;
      };
      link.open();
      sockets[0]!.accept();
      return { link, sockets, told, until, timers };
    };

    it("by a connection that is there before the old one goes", () => {
      const { link, sockets, told, until } = rig();
      until(60_000);
      assertEquals([sockets.length, link.connected], [2, true]);
      sockets[0]!.heartbeat(0);
      sockets[1]!.accept();
      sockets[1]!.heartbeat(0);
      assertEquals(told, ["open", "bytes", "lost 1000", "open", "bytes"]);
      assertEquals([sockets[0]!.socket.readyState, link.connections], [WebSocket.CLOSED, 2]);
      until(120_000);
      assertEquals(sockets.length, 3);
    });

    it("keeps the old one while none comes, and tries again", () => {
      const { link, sockets, told, until } = rig();
      until(60_000);
      sockets[1]!.fail();
      until(74_000);
      assertEquals([sockets.length, link.connected], [2, true]);
      until(75_000);
      until(85_000);
      assertEquals([sockets.length, sockets[2]!.socket.readyState, link.connected], [3, WebSocket.CLOSED, true]);
      until(100_000);
      sockets[3]!.accept();
      assertEquals([link.connections, told], [2, ["open", "lost 1000", "open"]]);
    });

    it("goes on with the new one when the old one is lost before that is there", () => {
      const { link, sockets, told, until } = rig();
      until(60_000);
      sockets[0]!.fail();
      assertEquals([sockets[1]!.socket.readyState, told], [WebSocket.CONNECTING, ["open", "lost 1006"]]);
      sockets[1]!.accept();
      assertEquals([link.connected, sockets.length, told], [true, 2, ["open", "lost 1006", "open"]]);
    });

    it("tries another one when neither the old one nor the new one is left", () => {
      const { link, sockets, told, until } = rig();
      until(60_000);
      sockets[0]!.fail();
      sockets[1]!.fail();
      until(61_000);
      sockets[2]!.accept();
      assertEquals([link.connected, told], [true, ["open", "lost 1006", "lost 1006", "open"]]);
    });

    it("leaves nothing behind when it closes", async () => {
      const { link, sockets, until, timers } = rig();
      until(60_000);
      sockets[1]!.accept();
      link.renew();
      await link.close();
      assertEquals([sockets.map(({ socket }) => socket.readyState), timers.size], [Array(3).fill(WebSocket.CLOSED), 0]);
    });
  });
});
