import { assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fill } from "../chaos/faults.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { freePort } from "../e2e/free_port.ts";
import { Process, runToEnd } from "../e2e/process.ts";
import { System } from "../e2e/system.ts";
import { partArgs } from "../../sim/part.ts";
import { Disguise } from "./disguise.ts";
import { theDoctor } from "./run_doctor.ts";

describe("deno task doctor, about a system that lets anybody in", () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
  });
  afterAll(async () => {
    await system.stop();
    await system[Symbol.asyncDispose]();
  });
  const at = (of: { edge?: string; aggregator?: string } = {}) =>
    theDoctor({ edge: system.edge.url, aggregator: system.aggregator.url, ...of });

  it("finds nothing wrong with one that is well, and leaves nothing behind", async () => {
    const { code, stdout, lines } = await at();
    assertEquals([code, lines.filter((line) => !line.startsWith("ok "))], [0, []], stdout);
    assertMatch(
      stdout,
      /probe .* record acknowledged after \d+ ms, both warned after \d+ ms, and the aggregator knows/,
    );
    const flown = await probesOf(system);
    assertEquals(flown.length, 2);
    for (const id of flown) {
      const { fleet, zone, flags } = await system.drone(id) as unknown as Record<string, unknown>;
      assertEquals([fleet, zone, flags], ["doctor", "doctor", 0]);
    }
    assertEquals(await toldOf(system), ["conflict resolve"]);
  });

  it("finds nothing wrong with it beside another doctor: each has drones of its own", async () => {
    const before = new Set(await probesOf(system));
    const both = await Promise.all([at(), at()]);
    for (const { code, stdout, problems } of both) assertEquals([code, problems], [0, []], stdout);
    const flown = (await probesOf(system)).filter((id) => !before.has(id));
    assertGreaterOrEqual(flown.length, 4);
    assertEquals(await toldOf(system), ["conflict resolve"]);
  });

  it("finds a clock that is wrong", async () => {
    const later = ({ timeUs, ...told }: Record<string, unknown>) => ({ ...told, timeUs: Number(timeUs) + 90e6 });
    const answers = { "/v1/fleet": (told: Record<string, unknown>) => ({ body: later(told) }) };
    await using wrong = await Disguise.of(system.aggregator.url, { answers });
    const { code, problems } = await at({ aggregator: wrong.url });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /^wrong +clock +aggregator \S+: its clock is \d+\.\d{3} s ahead of this machine's; have it set/,
    );
  });

  it("finds an aggregator that is down", async () => {
    const port = freePort();
    await using edge = await Process.start({
      args: partArgs("edge"),
      env: { SLIPSTREAM_EDGE_PORT: "0", SLIPSTREAM_UPLINK_URL: `ws://127.0.0.1:${port}/v1/uplink` },
      readyWhen: "listening on",
    });
    const { code, problems } = await at({ edge: edge.url, aggregator: `http://127.0.0.1:${port}` });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /^wrong +reached +aggregator \S+: nobody listens there; start it \(deno task aggregator\)/,
    );
  });

  it("finds a port that another program has taken, for which the edge did not start", async () => {
    const other = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const { code: edgeCode } = await runToEnd(partArgs("edge"), { env: { SLIPSTREAM_EDGE_PORT: `${port}` } });
    const { code, problems } = await at({ edge: `http://127.0.0.1:${port}` });
    await new Promise((resolve) => {
      other.close(resolve);
      other.closeAllConnections();
    });
    assertEquals([edgeCode, code, problems.length], [2, 1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /the port is taken by another program, .*; end that program, or set SLIPSTREAM_EDGE_PORT/,
    );
  });

  it("finds a KV database that is missing, where one is needed", async () => {
    const { code, problems } = await theDoctor({ edge: system.edge.url, aggregator: system.aggregator.url }, [
      "--needs-kv",
    ]);
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(problems[0]!, /^wrong +KV +edge \S+: has no KV database, .*; set SLIPSTREAM_KV/);
  });

  it("finds a KV database that can be read no more", async () => {
    const folder = await Deno.makeTempDir();
    const uplink = `${system.aggregator.url.replace("http", "ws")}/v1/uplink`;
    const env = { SLIPSTREAM_EDGE_PORT: "0", SLIPSTREAM_EDGE_ID: "edge-kv", SLIPSTREAM_UPLINK_URL: uplink };
    await using edge = await Process.start({
      ...{ args: partArgs("edge"), env: { ...env, SLIPSTREAM_KV: `${folder}/zones.kv` }, readyWhen: "listening on" },
    });
    await ruin(`${folder}/zones.kv`);
    const { code, problems } = await at({ edge: edge.url });
    await edge.stop();
    await Deno.remove(folder, { recursive: true });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(problems[0]!, /^wrong +KV +edge \S+: cannot read its KV database, .*; see to the database/);
  });

  it("finds versions that differ", async () => {
    const answers = { "/v1/status": (told: Record<string, unknown>) => ({ body: { ...told, version: "9.9.9" } }) };
    await using wrong = await Disguise.of(system.edge.url, { answers });
    const { code, problems } = await at({ edge: wrong.url });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(problems[0]!, /^wrong +version +edge \S+: runs 9\.9\.9, the others \S+; upgrade whichever is older/);
  });

  it("finds a downlink that is blocked", async () => {
    await using wrong = await Disguise.of(system.edge.url, { firstMessageOnly: true });
    const { code, problems } = await at({ edge: wrong.url });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /^wrong +probe +edge \S+: the downlink is blocked: .*; let what comes from the edge through/,
    );
  });

  it("finds metrics that cannot be reached", async () => {
    const answers = { "/metrics": () => ({ status: 404, body: "no such page" }) };
    await using wrong = await Disguise.of(system.edge.url, { answers });
    const { code, problems } = await at({ edge: wrong.url });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(problems[0]!, /^wrong +metrics +edge \S+: \/metrics answers with 404; let \/metrics through/);
  });
});

describe("deno task doctor", () => {
  it("finds a disk that is full", async () => {
    await using system = await ChaosSystem.start({ journalDiskBytes: 8 << 20 });
    await fill(system.journalFile("filler"));
    // What is left of its last page is soon full.
    for (let radiusM = 51; (await system.fleet()).journal.state !== "failing"; radiusM = 101 - radiusM) {
      await fetch(`${system.aggregatorUrl}/v1/settings`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ by: "Ada ".repeat(16).trim(), set: { "airspace.warning.radiusM": radiusM } }),
      }).then((response) => response.body?.cancel());
    }
    const { code, problems } = await theDoctor({ edge: system.edgeUrl, aggregator: system.aggregatorUrl });
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /^wrong +journal +aggregator \S+: the journal cannot be written, .*; make room on its disk/,
    );
  });

  it("refuses what it cannot do with 2, and says nothing else", async () => {
    const { code, stdout, stderr } = await theDoctor({ edge: "ftp://x" }, ["--drone-token", "one", "--tokn"]);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(
      stderr,
      /2 options are wrong.*--edge=ftp:\/\/x: must be an http.*--tokn: no such option; the nearest is --token/s,
    );
  });
});

async function probesOf({ aggregator }: System): Promise<string[]> {
  const { drones }: { drones: { droneId: string }[] } = await (await fetch(`${aggregator.url}/v1/drones`)).json();
  return drones.map(({ droneId }) => droneId).filter((id) => id.startsWith("doctor-"));
}

/** Alerts about drones, by kind and what became of them last. */
async function toldOf(system: System): Promise<string[]> {
  // A starved machine loses sight of its edges now and then: those alerts are about itself.
  const about = (await system.alertHistory()).filter(({ kind }) => kind !== "edge-lost" && kind !== "degraded");
  return [...new Set(about.map(({ kind, transition }) => `${kind} ${transition}`))];
}

/** Takes the table away that a lookup reads. */
async function ruin(path: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  using db = new DatabaseSync(path);
  db.exec("DROP TABLE kv");
}
