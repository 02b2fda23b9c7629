import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CloseCode } from "../../proto/words.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { batteryFrame, frame } from "./rig.ts";
import { StillDrone, StillEdge } from "./still_rig.ts";

/** An edge that believes the tokens of a PKI, and drones that have come with them. */
async function withProven(
  ids: readonly string[],
  test: (edge: StillEdge, drones: StillDrone[]) => Promise<void>,
): Promise<void> {
  await using pki = await PkiRig.create({ nowMs: 1_790_000_000_000 });
  const tokens = { keys: pki.file("tokens.jwks.json"), issuer: null, audience: "slipstream" };
  const none = {
    tls: null,
    people: null,
    ca: null,
    revoked: null,
    fleets: new Set<string>(),
    proxies: new Set<string>(),
  };
  const rig = await StillEdge.start({ identity: { ...none, tokens } });
  const drones: StillDrone[] = [];
  for (const id of ids) {
    const drone = new StillDrone();
    const headers = {
      "authorization": `Bearer ${await pki.token(id)}`,
      "upgrade": "websocket",
      "connection": "upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const { status } = await rig.edge.app.fetch(new Request("http://edge/v1/telemetry", { headers }), {
      peer: { address: "192.0.2.1", tls: null },
      upgrade: ({ accept }) => {
        accept(drone.socket);
        return new Response();
      },
    });
    assertEquals([id, status], [id, 200]);
    drone.open();
    drones.push(drone);
  }
  try {
    await test(rig, drones);
  } finally {
    await rig.edge.stop(0);
  }
}

const alertAck = frame({ droneId: "b", bootId: 1, alertAcks: [{ alertId: 1n, receivedTimeUs: 1n, revision: 1 }] });

describe("a frame of another drone than the one that was proven", () => {
  for (
    const { what, bytes } of [
      { what: "records", bytes: batteryFrame("b", [1, 2]) },
      { what: "acknowledged alerts", bytes: alertAck },
      { what: "a longer id", bytes: batteryFrame("ab", [1]) },
    ]
  ) {
    it(`ends its connection, and nothing of it is taken: ${what}`, async () => {
      await withProven(["a", "b"], async (rig, [a, b]) => {
        b!.receive(batteryFrame("b", [7]));
        a!.receive(batteryFrame("a", [1]));
        a!.receive(bytes);
        assertEquals([a!.closed?.code, b!.closed], [CloseCode.policyViolation, null]);
        b!.receive(batteryFrame("b", [8]));
        await rig.pass(1000);
        assertEquals(b!.acknowledged, [[7, 8]]);
        assertEquals(rig.batches.reduce((sum, { records }) => sum + records, 0), 3);
        assertEquals(rig.messages.filter(({ body }) => body.case === "alertReceipts"), []);
        assertEquals(rig.losses, []);
      });
    });
  }

  it("is told from its own, whichever connection spoke before", async () => {
    await withProven(["a", "b"], async (rig, [a, b]) => {
      for (let seq = 1; seq <= 4; seq++) {
        a!.receive(batteryFrame("a", [seq]));
        b!.receive(batteryFrame("b", [seq]));
      }
      await rig.pass(1000);
      assertEquals([a!.acknowledged, b!.acknowledged], [[[1, 4]], [[1, 4]]]);
      b!.receive(batteryFrame("a", [5]));
      assertEquals([a!.closed, b!.closed?.code], [null, CloseCode.policyViolation]);
    });
  });
});
