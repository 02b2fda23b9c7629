// What whoever is not proven tries, against real processes: each is refused and counted, and others are served meanwhile.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { SignJWT } from "jose";
import { privateKeyOf, readSigningKey } from "../../identity/pki/signing_keys.ts";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { EdgeDownlinkSchema, EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { create, toBinary } from "@bufbuild/protobuf";
import { UPLINK_SUBPROTOCOL } from "../../proto/words.ts";
import { Authority, certificatePem, forged, unsigned } from "./authority.ts";
import { Client, pause, System } from "./system.ts";

const HOUR_MS = 3_600_000;

let system: System;
let other: Authority;
let good: Client;

/** Good drones are served while it happens: each record that one sends is acknowledged. */
async function whileOthersAreServed<T>(happen: () => Promise<T>): Promise<T> {
  const publishing = setInterval(() => good.publish("good"), 20);
  try {
    return await happen();
  } finally {
    clearInterval(publishing);
    await good.settled();
  }
}

/** What became of a drone's connection that shows this certificate, or brings this token. */
function tried(path: string | null, token?: string): Promise<string> {
  return whileOthersAreServed(async () => {
    const client = system.drone(await system.proof(path, { ...token !== undefined && { token } }));
    const outcome = await client.outcome;
    if (outcome === "open") await client.end();
    return outcome;
  });
}

/** By how much the edge's counters of whom it did not let in grew. */
async function growth(happen: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await system.denied();
  await happen();
  const after = await system.denied();
  return Object.fromEntries(
    Object.entries(after).map(([reason, count]) => [reason, count - before[reason]!]).filter(([, count]) =>
      count !== 0
    ),
  );
}

/** What an edge is told that says hello by this id; the code with which it is closed. */
async function uplink(path: string | null, { edgeId, token }: { edgeId: string; token?: string }): Promise<string> {
  const proof = await system.proof(path, { ...token !== undefined && { token } });
  const socket = connectPromptly(`${system.aggregatorUrl.replace("http", "ws")}/v1/uplink`, UPLINK_SUBPROTOCOL, proof);
  socket.binaryType = "arraybuffer";
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.onopen = () => {
    const hello = { edgeId, session: 7n, region: "test", version: "" };
    socket.send(toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body: { case: "hello", value: hello } })));
  };
  socket.onmessage = ({ data }) => resolve(`${fromBinary(EdgeDownlinkSchema, new Uint8Array(data)).body.case}`);
  socket.onerror = (event) => resolve("message" in event ? String(event.message) : "error");
  socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`);
  const outcome = await promise;
  socket.close();
  return outcome;
}

/** A good token but for its life. */
async function tokenFor(seconds: number): Promise<string> {
  const key = readSigningKey(await Deno.readTextFile(system.authority.path("tokenKey")));
  const nowS = Math.floor(Date.now() / 1000);
  return await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid })
    .setIssuer("slipstream://test").setAudience("slipstream").setSubject("slipstream://test/drone/brief")
    .setIssuedAt(nowS).setExpirationTime(nowS + seconds)
    .sign(await privateKeyOf(key));
}

describe("whoever is not proven", () => {
  beforeAll(async () => {
    system = await System.start();
    other = await Authority.create();
    good = system.drone(await system.proof(await system.authority.certificate("drone", "good")));
    assertEquals(await good.outcome, "open");
  });
  afterAll(async () => {
    await good.end();
    await other[Symbol.asyncDispose]();
    await system[Symbol.asyncDispose]();
  });

  it("without a certificate and a token gets a 401", async () => {
    assertEquals(await growth(async () => assertStringIncludes(await tried(null), "401")), { "no-proof": 1 });
  });

  it("by a certificate that has ended, or of somebody else's authority, does not get through the handshake", async () => {
    const { authority } = system;
    const ended = await authority.at(-48 * HOUR_MS, () => authority.certificate("drone", "ended"));
    const early = await authority.at(2 * HOUR_MS, () => authority.certificate("drone", "early"));
    const foreign = await other.certificate("drone", "good");
    for (const path of [ended, early, foreign]) {
      const outcome = await tried(path);
      assert(outcome !== "open" && !/\b[1-5]\d\d\b/.test(outcome), outcome);
    }
    const status = await system.see(`${system.edgeUrl}/v1/status`);
    assert(JSON.stringify(status.connectionsRefused).match(/[1-9]/), "they are counted");
  });

  it("by a revoked certificate gets a 401, and by a new one gets in", async () => {
    const { authority } = system;
    const path = await authority.certificate("drone", "lost");
    assertEquals(await tried(path), "open");
    await authority.use((pki) => pki.revoke(pki.allOf({ kind: "drone", id: "lost" }), { reason: "lost" }));
    await pause(2100);
    assertEquals(await growth(async () => assertStringIncludes(await tried(path), "401")), { revoked: 1 });
    assertEquals(await tried(await authority.certificate("drone", "lost")), "open");
  });

  it("by a certificate of something else than a drone gets none of a drone's doors", async () => {
    const { authority } = system;
    const edge = await authority.certificate("edge", "edge-9");
    assertEquals(await growth(async () => assertStringIncludes(await tried(edge), "403")), { "not-allowed": 1 });
    // It is for servers: TLS itself refuses it.
    assert(await tried(await authority.server()) !== "open");
  });

  it("by a token that has ended, is forged, unsigned, or for somebody else gets a 401", async () => {
    const { authority } = system;
    const token = await authority.token("drone", "t");
    const ended = await authority.at(-2 * HOUR_MS, () => authority.token("drone", "t"));
    const wrong: [reason: string, token: string][] = [
      ["expired", ended],
      ["forged", await forged(token)],
      ["forged", unsigned(token)],
      ["forged", await other.token("drone", "t")],
      ["wrong-audience", await authority.token("drone", "t", { audience: "somebody" })],
      ["unreadable", "x.y.z"],
      ["not-bound", await authority.token("drone", "t", { boundTo: "x".repeat(43) })],
    ];
    for (const [reason, token] of wrong) {
      assertEquals(await growth(async () => assertStringIncludes(await tried(null, token), "401")), { [reason]: 1 });
    }
    assertEquals(await tried(null, token), "open");
  });

  it("by a token that ends while it is connected is closed with 4004 within two seconds", async () => {
    const client = system.drone(await system.proof(null, { token: await tokenFor(2) }));
    assertEquals(await client.outcome, "open");
    const openedMs = performance.now();
    await whileOthersAreServed(async () => assertEquals(await client.closed, 4004));
    const lastedMs = performance.now() - openedMs;
    assert(lastedMs > 500 && lastedMs < 4000, `${lastedMs} ms`);
  });

  it("and is revoked is off within five seconds, by certificate and by token", async () => {
    const { authority } = system;
    const byCertificate = system.drone(await system.proof(await authority.certificate("drone", "r1")));
    const byToken = system.drone(await system.proof(null, { token: await authority.token("drone", "r2") }));
    assertEquals([await byCertificate.outcome, await byToken.outcome], ["open", "open"]);
    const revokedMs = performance.now();
    await authority.use(async (pki) => {
      await pki.revoke(pki.allOf({ kind: "drone", id: "r1" }), { reason: "" });
      await pki.revoke(pki.allOf({ kind: "drone", id: "r2" }), { reason: "" });
    });
    await whileOthersAreServed(async () => {
      assertEquals([await byCertificate.closed, await byToken.closed], [4004, 4004]);
    });
    assert(performance.now() - revokedMs < 5000);
  });

  it("and came by a token whose key has leaked is off within five seconds, and by a new one is let in", async () => {
    const { authority } = system;
    const client = system.drone(await system.proof(null, { token: await authority.token("drone", "k") }));
    assertEquals(await client.outcome, "open");
    await authority.use((pki) => pki.rotateTokens({ isLeaked: true }));
    const leakedMs = performance.now();
    await whileOthersAreServed(async () => assertEquals(await client.closed, 4004));
    assert(performance.now() - leakedMs < 5000);
    assertEquals(await tried(null, await authority.token("drone", "k")), "open");
  });

  it("as one drone speaks for another is closed with 1008, and nothing of it is taken", async () => {
    const client = system.drone(await system.proof(await system.authority.certificate("drone", "a")));
    await client.outcome;
    client.publish("a");
    await client.settled();
    const counted = await growth(() =>
      whileOthersAreServed(async () => {
        client.publish("b");
        assertEquals(await client.closed, 1008);
      })
    );
    assertEquals(counted, { "foreign-drone": 1 });
    assertEquals(client.acknowledged.size, 1);
    const { drones } = await system.see(`${system.aggregatorUrl}/v1/drones`) as { drones: { droneId: string }[] };
    const ids = drones.map(({ droneId }) => droneId);
    assert(ids.includes("a") && !ids.includes("b"), ids.join());
  });

  it("as an edge hands over for another one, or has no proof, is refused at the aggregator", async () => {
    const { authority } = system;
    const path = await authority.certificate("edge", "edge-7");
    assertStringIncludes(await uplink(path, { edgeId: "edge-8" }), "1008 Cannot connect as edge-8");
    // More than there is place for in a close frame.
    assertStringIncludes(await uplink(path, { edgeId: "🛩".repeat(64) }), "1008 Cannot connect as 🛩🛩");
    assertEquals(await uplink(path, { edgeId: "edge-7" }), "hello");
    assertEquals(await uplink(null, { edgeId: "edge-7", token: await authority.token("edge", "edge-7") }), "hello");
    assertStringIncludes(await uplink(null, { edgeId: "edge-7" }), "401");
    const proof = await system.proof(path);
    const headers = { origin: system.aggregatorUrl };
    const url = `${system.aggregatorUrl.replace("http", "ws")}/v1/uplink`;
    assertStringIncludes(await new Client(url, UPLINK_SUBPROTOCOL, { ...proof, headers }).outcome, "403");
    const drone = await authority.certificate("drone", "d");
    assertStringIncludes(await uplink(drone, { edgeId: "d" }), "403");
  });

  it("with the header of a proxy that is none of ours gets a 401", async () => {
    const pem = encodeURIComponent(await certificatePem(await system.authority.certificate("drone", "p")));
    const proof = await system.proof(null);
    const headers = { "ssl-client-verify": "SUCCESS", "ssl-client-cert": pem };
    const counted = await growth(() =>
      whileOthersAreServed(async () => {
        assertStringIncludes(await system.drone({ ...proof, headers }).outcome, "401");
      })
    );
    assertEquals(counted, { stranger: 1 });
  });

  it("from the page of somebody else, whatever it proves, gets a 403", async () => {
    const proof = await system.proof(await system.authority.certificate("drone", "o"));
    const headers = { origin: "https://elsewhere.example.com" };
    assertStringIncludes(await system.drone({ ...proof, headers }).outcome, "403");
  });

  it("by a path that leads elsewhere gets nothing, and by tokens in the address neither", async () => {
    const token = await system.authority.token("person", "ann", { role: "admin" });
    for (const path of ["/..%2f..%2fetc/passwd", "/console/../../deno.json", "/%2e%2e/deno.json", "//etc/passwd"]) {
      const { status, body } = await system.ask(`${system.aggregatorUrl}${path}`, { token });
      assert(status >= 400 && !body.includes("root:") && !body.includes("imports"), `${path}: ${status}`);
    }
    assertEquals(
      (await system.ask(`${system.aggregatorUrl}/v1/fleet?token=${token}&access_token=${token}`)).status,
      401,
    );
  });

  it("is on record by what it tried, a drone by its name in the log alone", async () => {
    // An edge tells of it each second.
    await pause(2100);
    const { records } = await system.see(`${system.aggregatorUrl}/v1/audit?limit=1000`) as {
      records: { who: string; what: string; subject: string }[];
    };
    const told = new Set(records.map(({ what, subject }) => `${what} at ${subject}`));
    for (const reason of ["no-proof", "forged", "revoked", "foreign-drone", "stranger"]) {
      assert(told.has(`not let in: ${reason} at edge-1`), `${reason} of ${[...told].join()}`);
    }
    assert(told.has("not let in: not-allowed at aggregator"));
    assertEquals(records.filter(({ who }) => who.includes("/drone/")), []);
    const foreign = records.find(({ what }) => what === "not let in: foreign-drone");
    assertMatch(foreign!.who, /^drone:[0-9a-f]{10}$/);
  });

  it("is on no line of the log by a token of theirs", () => {
    assertEquals(system.lines.filter((line) => line.includes("eyJ")), []);
  });
});
