// What a gate is opened with: lists in any order, and doors that ask for a certificate or need not.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { GateRig } from "./gate_rig.ts";

const A = "slipstream://test/drone/a";

describe("a gate", () => {
  it("revokes by the latest line of a list, in whatever order its lines are", async () => {
    await using rig = await GateRig.open();
    const token = await rig.signed({});
    const nowS = Math.floor(rig.hands.ms / 1000);
    for (const seconds of [[nowS + 1, 1], [1, nowS + 1]]) {
      const lines = seconds.map((beforeS) => `identity ${A} before ${beforeS}\n`);
      await Deno.writeTextFile(rig.authority.path("revoked"), lines.join(""));
      await rig.open();
      assertEquals(await rig.outcomeOf({ token }), "401 revoked");
    }
  });

  it("asks for no handshake without a certificate where nobody can bring a token", async () => {
    const tls = { certificatePath: "c", keyPath: "k" };
    await using rig = await GateRig.open({ tls });
    assertEquals(rig.gate.tls?.certificateOptional, true);
    await rig.open({ tls, tokens: null });
    assertEquals(rig.gate.tls?.certificateOptional, false);
  });
});
