import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Watchdog } from "../../platform/watchdog.ts";

function rig(variables: Record<string, string>, { opens = true } = {}) {
  const [told, logged]: [string[], string[]] = [[], []];
  const timers: { ms: number; fn: () => void }[] = [];
  const manager = new Watchdog({
    env: { get: (name) => variables[name] },
    every: (ms, fn) => {
      timers.push({ ms, fn });
      return () => void timers.pop();
    },
    log: (level, message) => logged.push(`${level}: ${message}`),
    open: (path) => {
      if (!opens) throw new Error("start it with --unstable-net");
      told.push(path);
      return {
        send: (text) => Promise.resolve(void told.push(text)),
        close: () => told.push("closed"),
      };
    },
  });
  return { manager, told, logged, timers };
}

describe("the watchdog of a service", () => {
  it("tells systemd that the process is ready, lives and stops, three times within its limit", () => {
    const { manager, told, timers } = rig({ NOTIFY_SOCKET: "/run/notify", WATCHDOG_USEC: "3000000" });
    manager.ready();
    assertEquals(timers.map(({ ms }) => ms), [1000]);
    timers[0]!.fn();
    manager.stopping();
    manager.close();
    assertEquals([told, timers], [["/run/notify", "READY=1", "WATCHDOG=1", "STOPPING=1", "closed"], []]);
  });

  it("does not tell it that it lives where it does not watch, and nothing where there is none", () => {
    const unwatched = rig({ NOTIFY_SOCKET: "/run/notify" });
    unwatched.manager.ready();
    assertEquals([unwatched.timers, unwatched.told], [[], ["/run/notify", "READY=1"]]);
    const alone = rig({ WATCHDOG_USEC: "3000000" });
    alone.manager.ready();
    alone.manager.close();
    assertEquals([alone.timers, alone.told, alone.logged], [[], [], []]);
  });

  it("is missed in the log where Deno may not send", () => {
    const { manager, logged } = rig({ NOTIFY_SOCKET: "/run/notify" }, { opens: false });
    manager.ready();
    assertEquals(logged.length, 1);
    assertMatch(logged[0]!, /^warn: Cannot tell systemd that it lives: start it with --unstable-net$/);
  });
});
