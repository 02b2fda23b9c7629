// Sets of keys as somebody may leave them, and keys that go.
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkKeySet } from "../../identity/key_set.ts";
import { GateRig } from "./gate_rig.ts";

const A = "slipstream://test/drone/a";
const HOUR_MS = 3_600_000;

type Keys = Record<string, unknown>[];

async function changed(rig: GateRig, change: (keys: Keys) => Keys): Promise<void> {
  const path = rig.authority.path("keySet");
  const { keys } = JSON.parse(await Deno.readTextFile(path)) as { keys: Keys };
  await Deno.writeTextFile(path, JSON.stringify({ keys: change(keys) }));
  await rig.hands.tick();
}

describe("a key set", () => {
  const useless: { what: string; keys: (of: Record<string, unknown>) => Keys }[] = [
    { what: "whose key cannot be read", keys: (key) => [{ ...key, x: "!!" }] },
    { what: "whose key is too short", keys: (key) => [{ ...key, x: "AA" }] },
    { what: "whose key has no text in it", keys: (key) => [{ ...key, x: 5 }] },
    { what: "whose key is of no kind", keys: ({ kid }) => [{ kid }] },
    { what: "with two keys of one name", keys: (key) => [key, key] },
    { what: "whose key is for something else", keys: (key) => [{ ...key, use: "enc" }] },
    { what: "that is empty", keys: () => [] },
  ];
  for (const { what, keys } of useless) {
    it(`${what} proves nothing, and throws nothing`, async () => {
      await using rig = await GateRig.open();
      const token = await rig.signed({});
      await changed(rig, ([key]) => keys(key!));
      assertEquals(await rig.outcomeOf({ token }), "401 forged");
    });
  }

  it("with a key that is none beside a good one proves by the good one, by its name and without", async () => {
    await using rig = await GateRig.open();
    const token = await rig.signed({});
    await changed(rig, ([key]) => [{ ...key, kid: "broken", x: "!!" }, key!]);
    assertEquals([
      await rig.outcomeOf({ token }),
      await rig.outcomeOf({ token: await rig.signed({}, { kid: undefined }) }),
    ], [A, A]);
  });

  it("is refused with a private key in it, and with more keys than anybody rotates", () => {
    const key = { kty: "OKP", crv: "Ed25519", x: "AA" };
    assertThrows(() => checkKeySet(JSON.stringify({ keys: [{ ...key, d: "AA" }] })), TypeError, "private");
    checkKeySet(JSON.stringify({ keys: Array(100).fill(key) }));
    assertThrows(() => checkKeySet(JSON.stringify({ keys: Array(101).fill(key) })), TypeError, "more than 100");
  });

  it("that loses a key ends who came in by it, and nobody who did not", async () => {
    await using rig = await GateRig.open();
    const ended: string[] = [];
    const hold = async (name: string) => {
      const identity = await rig.admitted({ token: await rig.authority.token("drone", name) });
      rig.gate.hold(identity, (why) => ended.push(`${name}: ${why}`));
    };
    await hold("a");
    await rig.authority.use((pki) => pki.rotateTokens({ isLeaked: false }));
    await rig.hands.tick();
    await hold("b");
    await rig.hands.tick();
    assertEquals(ended, []);
    await changed(rig, (keys) => keys.slice(0, 1));
    await rig.hands.tick();
    assertEquals(ended, ["a: The key that signed the proof of who you are was taken away"]);
    assertEquals(rig.gate.denied.revoked, 1);
    await rig.authority.use((pki) => pki.rotateTokens({ isLeaked: true }));
    await rig.hands.tick();
    await rig.hands.tick();
    assertEquals(ended.length, 2);
  });

  it("believes keys again that seemed to have ended while a clock was wrong", async () => {
    await using rig = await GateRig.open();
    const token = await rig.signed({});
    await changed(rig, ([key]) => [{ ...key, exp: Math.floor(rig.hands.ms / 1000) + 600 }]);
    rig.hands.ms += 2 * HOUR_MS;
    assertEquals(await rig.outcomeOf({ token: await rig.signed({}) }), "401 forged");
    rig.hands.ms -= 2 * HOUR_MS;
    assertEquals(await rig.outcomeOf({ token }), A);
  });
});
