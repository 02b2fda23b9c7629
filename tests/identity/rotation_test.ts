// Everything that proves something is replaced while a fleet flies, several times: nobody notices.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { systemPlatform } from "../../platform/system.ts";
import { fleetPlan } from "../../sim/fleet.ts";
import { FleetProofs } from "../../sim/fleet_proofs.ts";
import { Run } from "../../sim/run.ts";
import { EDGE_ID, pause, System } from "./system.ts";

const DRONES = 20;
const SECONDS = 24;
/** Of the drones' certificates: renewed at 0.6 of it. */
const DRONE_LIFE_S = 14;
/** The edge's ends at the aggregator while the fleet flies, and the next ones as well. */
const EDGE_LIFE_S = 8;
const EACH_MS = 3000;

describe("certificates, keys and revocations that are replaced under a fleet", () => {
  it("cost no record, and no drone its place", async () => {
    await using system = await System.start({ edgeHours: EDGE_LIFE_S / 3600 });
    const platform = systemPlatform("sim");
    const plan = fleetPlan({
      ...{ drones: DRONES, seed: 3, bootId: 1, scenario: "calm", only: null, coalesce: false },
    });
    const droneIds = plan.drones.map(({ droneId }) => droneId);
    const folder = system.authority.folder;
    const proofs = await FleetProofs.open({
      folder,
      kind: "certificate",
      droneIds,
      hours: DRONE_LIFE_S / 3600,
      platform,
    });
    const run = new Run({
      url: `${system.edgeUrl.replace("http", "ws")}/v1/telemetry`,
      ...{ plan, proofs, seconds: SECONDS, signal: new AbortController().signal, platform },
    });
    await run.connect();
    let rotations = 0;
    let isFlying = true;
    const rotating = (async () => {
      for (; isFlying; await pause(EACH_MS)) {
        const { authority } = system;
        await authority.server();
        await authority.certificate("edge", EDGE_ID, EDGE_LIFE_S / 3600);
        await authority.use(async (pki) => {
          await pki.rotateTokens({ isLeaked: false });
          await pki.revoke(pki.allOf({ kind: "drone", id: `gone-${rotations}` }), { reason: "" });
        });
        rotations++;
      }
    })();
    await run.send();
    isFlying = false;
    await rotating;
    const { sent, acknowledged, unacknowledged, reconnects, lost } = run.summary();
    const { denied } = await system.see(`${system.edgeUrl}/v1/status`) as { denied: Record<string, number> };
    const fleet = await system.see(`${system.aggregatorUrl}/v1/fleet`) as { records: { accepted: number } };
    await run.close();
    proofs.close();
    assertGreater(rotations, 5);
    assertEquals([acknowledged, unacknowledged, fleet.records.accepted], [sent.records, 0, sent.records]);
    assertEquals(Object.values(lost).reduce((a, b) => a + b), 0);
    // Each has renewed twice at least, and nobody was let go at the edge.
    assertGreater(reconnects, 2 * DRONES - 1);
    assertEquals([denied.expired, denied.revoked], [0, 0]);
    const anew = system.lines.filter((line) => /uplink connecting.*4004/.test(line)).length;
    assert(anew >= 1, `the edge's own proof ended ${anew} times`);
  });
});
