import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DroneRig } from "./drone_rig.ts";

/** A token that says when it ends, Unix s. */
function jwt(exp: number, name = "t"): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  return `${part({ alg: "EdDSA", name })}.${part({ exp })}.c2ln`;
}

const NOW_S = 1_760_000_000;

describe("a drone's token", () => {
  it("is there before the first connection, and another one before it ends", async () => {
    using rig = new DroneRig();
    let given = 0;
    rig.drone({ token: () => Promise.resolve(jwt(NOW_S + 1000 * ++given)) });
    assertEquals(rig.sockets.length, 0);
    await rig.settled();
    rig.socket.accept();
    assertEquals(rig.tokens, [jwt(NOW_S + 1000)]);
    await rig.time.tickAsync(799_000);
    assertEquals(given, 1);
    await rig.time.tickAsync(1001);
    assertEquals(rig.tokens, [jwt(NOW_S + 1000), jwt(NOW_S + 2000)]);
    // The old connection is used until the new one is there.
    assertEquals(rig.sockets[0]!.readyState, WebSocket.OPEN);
    rig.socket.accept();
    assertEquals(rig.sockets[0]!.readyState, WebSocket.CLOSED);
  });

  it("is asked for again when an edge does not believe it, and when it was revoked", async () => {
    using rig = new DroneRig();
    let given = 0;
    rig.drone({ token: () => `token-${++given}` });
    await rig.settled();
    rig.refuse({ status: 401, retryAfterMs: 0, said: "Cannot believe the token: it has ended" });
    await rig.time.tickAsync(500);
    assertEquals(rig.tokens, ["token-1", "token-2"]);
    rig.socket.accept();
    rig.socket.close(4004);
    await rig.time.tickAsync(1000);
    assertEquals(rig.tokens, ["token-1", "token-2", "token-3"]);
  });

  it("is asked for again when whoever gives it fails, or gives no token, and that is told", async () => {
    using rig = new DroneRig();
    const answers: (() => string)[] = [
      () => {
        throw new Error("no network");
      },
      () => "no token",
      () => "a.b.c",
    ];
    rig.drone({ token: () => answers.shift()!() });
    await rig.time.tickAsync(5000);
    assertEquals(rig.problems.map(({ message }) => message), ["no network", "Cannot use token: it is no JWT"]);
    assertEquals([rig.tokens, answers.length], [["a.b.c"], 0]);
  });

  it("is asked for no more once the drone is closed", async () => {
    using rig = new DroneRig();
    let given = 0;
    const drone = rig.drone({ token: () => jwt(NOW_S + 100 * ++given) });
    await rig.settled();
    await drone.close();
    await rig.time.tickAsync(1_000_000);
    assertEquals(given, 1);
  });
});
