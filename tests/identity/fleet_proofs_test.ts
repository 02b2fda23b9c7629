// A simulated fleet that proves who it is: what each drone shows, and that an edge takes all of it.
import { assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { decodeJwt } from "jose";
import { FleetProofs, PROOF_KINDS, type ProofKind } from "../../sim/fleet_proofs.ts";
import { runToEnd } from "../e2e/process.ts";
import { Hands } from "./hands.ts";
import { PkiRig } from "./pki_rig.ts";
import { System } from "./system.ts";

const DRONES = ["d-1", "ü 2"];
const URIS = ["slipstream://fleet/drone/d-1", "slipstream://fleet/drone/%C3%BC%202"];
const EXPECTED = {
  certificate: URIS.map((uri) => ({ certificate: `URI:${uri}`, token: undefined })),
  token: URIS.map((uri) => ({ certificate: undefined, token: uri })),
};

interface Shown {
  /** By certificate, and by token. */
  names: Record<ProofKind, string | undefined>;
  /** What no other proof has. */
  serial: string | undefined;
}

/** Asks each for a certificate, takes whoever has none, and says what came. */
async function watch(rig: PkiRig, use: (url: string, next: () => Promise<Shown>) => Promise<void>): Promise<void> {
  const pem = await Deno.readTextFile(await rig.with((pki) => pki.issueToServer(["127.0.0.1"], { hours: 1 })));
  const server = createServer({
    ...{ cert: pem, key: pem, ca: rig.read("ca.pem"), requestCert: true, rejectUnauthorized: false },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const next = () =>
    new Promise<Shown>((resolve) => {
      server.once("upgrade", ({ socket, headers }: IncomingMessage) => {
        const { subjectaltname, serialNumber } = (socket as TLSSocket).getPeerCertificate();
        const { sub, jti } = headers.authorization ? decodeJwt(headers.authorization.replace("Bearer ", "")) : {};
        resolve({ names: { certificate: subjectaltname, token: sub }, serial: serialNumber ?? jti });
        socket.destroy();
      });
    });
  try {
    await use(`wss://127.0.0.1:${(server.address() as AddressInfo).port}`, next);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Connects, and waits until that has failed: nobody answers. */
async function show(proofs: FleetProofs, { url, droneId, next }: {
  url: string;
  droneId: string;
  next: () => Promise<Shown>;
}): Promise<Shown> {
  const shown = next();
  const socket = proofs.connect(url, droneId);
  const closed = new Promise((resolve) => socket.onclose = socket.onerror = resolve);
  const what = await shown;
  await closed;
  return what;
}

describe("FleetProofs", () => {
  for (const kind of PROOF_KINDS) {
    it(`has each drone show its own ${kind} and nothing else, and a new one when half of its time has passed`, async () => {
      await using rig = await PkiRig.create();
      const hands = new Hands();
      const proofs = await FleetProofs.open({ folder: rig.path, kind, droneIds: DRONES, platform: hands.platform });
      await watch(rig, async (url, next) => {
        const all = async () => {
          const shown: Shown[] = [];
          for (const droneId of DRONES) shown.push(await show(proofs, { url, droneId, next }));
          return shown;
        };
        const before = await all();
        assertEquals(before.map(({ names }) => names), EXPECTED[kind]);
        const issued = () => rig.with((pki) => Promise.resolve(pki.list().length));
        const first = await issued();
        await hands.tick();
        while (await issued() < first + DRONES.length) await new Promise((resolve) => setTimeout(resolve, 20));
        const after = await all();
        assertEquals(after.map(({ names }) => names), EXPECTED[kind]);
        assertEquals(new Set([...before, ...after].map(({ serial }) => serial)).size, 2 * DRONES.length);
      });
      assertEquals(proofs.renewAfterMs, kind === "token" ? 36 * 60_000 : 864 * 60_000);
      proofs.close();
    });
  }

  it("needs a folder with a PKI", async () => {
    const folder = await Deno.makeTempDir();
    await assertRejects(
      () => FleetProofs.open({ folder, kind: "token", droneIds: DRONES, platform: new Hands().platform }),
      Error,
      `Cannot use ${folder}: there is no PKI in it`,
    );
    await Deno.remove(folder, { recursive: true });
  });
});

describe("deno task sim --pki", () => {
  it("flies drones that an edge takes which lets nobody in unproven, by either proof", async () => {
    await using system = await System.start();
    const url = `${system.edgeUrl.replace("http", "ws")}/v1/telemetry`;
    for (const kind of PROOF_KINDS) {
      const { code, stdout, stderr } = await runToEnd([
        ...["run", "-A", "--quiet", "sim/main.ts", "--url", url, "--pki", system.authority.folder, "--proof", kind],
        ...["--drones", "3", "--seconds", "1", "--json"],
      ]);
      assertEquals([code, stderr], [0, ""], kind);
      const { sent, acknowledged } = JSON.parse(stdout);
      assertGreater(sent.records, 30);
      assertEquals(acknowledged, sent.records);
    }
    assertEquals(Object.values(await system.denied()).reduce((a, b) => a + b, 0), 0);
  });

  it("wants a URL of wss://, where a proof is nobody else's to see", async () => {
    const { code, stderr } = await runToEnd(["run", "-A", "--quiet", "sim/main.ts", "--pki", "somewhere"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--pki goes with URLs of wss://");
  });
});
