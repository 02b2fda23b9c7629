import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { partArgs } from "../../sim/part.ts";
import { batchInit, EdgeEnd } from "../aggregator/rig.ts";
import { encodeRows, type Row } from "../pipeline/build_batch.ts";
import { EAST_E7_PER_M, FLYING, NORTH_E7_PER_M } from "../pipeline/scene.ts";
import { filesHolding } from "./kept_files.ts";
import { Process, runToEnd } from "./process.ts";
import { until } from "./system.ts";

const GONE = "drone-to-be-gone";
const KEPT = "drone-that-stays";
/** A place where nobody else ever is. */
const SOUGHT = { droneId: GONE, latE7: 474_123_457 };
const LON_E7 = 85_000_000;

let folder: string;
let aggregator: Process;
let edge: EdgeEnd;
let seq: number;

async function start(): Promise<void> {
  aggregator = await Process.start({
    args: partArgs("aggregator"),
    env: {
      ...{ SLIPSTREAM_AGGREGATOR_PORT: "0", SLIPSTREAM_CHECKPOINT_S: "1" },
      ...{ SLIPSTREAM_SQLITE: `${folder}/s.sqlite`, SLIPSTREAM_JOURNAL: `${folder}/journal` },
    },
    readyWhen: "listening on",
  });
  edge = await new EdgeEnd(aggregator.url).greet(BigInt(Date.now()));
}

const cli = (task: string, ...args: string[]) => runToEnd(["task", "--quiet", task, "--drone", GONE, ...args]);
const files = () => ["--sqlite", `${folder}/s.sqlite`, "--journal", `${folder}/journal`];
const remains = () => filesHolding(folder, SOUGHT);

/** Both drones in one batch; the one that stays flies 20 m east of the other. */
async function fly({ ids = [GONE, KEPT], isDefined = true } = {}): Promise<BatchVerdict> {
  seq++;
  const rows = ids.map((id): Row => {
    const [slot, latE7, lonE7] = id === GONE
      ? [1, SOUGHT.latE7, LON_E7]
      : [2, SOUGHT.latE7 + Math.round(NORTH_E7_PER_M), LON_E7 + Math.round(20 * EAST_E7_PER_M)];
    const place = { latE7, lonE7, altMslMm: 500_000, hAccMm: 500, vAccMm: 500 };
    return { kind: "position", slot, seq, eventTimeUs: Date.now() * 1000, flags: FLYING, ...place };
  });
  const slots = ids.map((droneId) => ({ slot: droneId === GONE ? 1 : 2, droneId, bootId: 1, fleet: "f", zone: "z" }));
  const raw = Uint8Array.from(encodeRows(rows));
  return await edge.hand(batchInit(raw, { records: rows.length, slots: isDefined ? slots : [] }));
}

async function flyOn(count: number, options: Parameters<typeof fly>[0] = {}): Promise<void> {
  for (let i = 0; i < count; i++) {
    await fly(options);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function lose(): Promise<void> {
  const loss = {
    droneId: GONE,
    bootId: 1,
    range: { firstSeq: 1, lastSeq: 2 },
    records: 2,
    timeUs: BigInt(Date.now()) * 1000n,
  };
  edge.send({ case: "losses", value: { reportId: 1n, losses: [{ ...loss }, { ...loss, droneId: KEPT }] } });
  await edge.until(() => edge.messages.some(({ body }) => body.case === "lossAck"));
}

function rowsOf(sql: string): Record<string, unknown>[] {
  using db = new DatabaseSync(`${folder}/s.sqlite`, { readOnly: true });
  return db.prepare(sql).all();
}

function isKept(): boolean {
  const counts = ["drones", "losses", "alerts"].map((table) => rowsOf(`SELECT 1 FROM ${table}`).length);
  return counts[0] === 2 && counts[1] === 2 && counts[2]! > 0;
}

const erasureTests = () => {
  it("leaves nothing of it in any file, and the other's side of what was between them", async () => {
    await flyOn(60);
    await lose();
    await until("all of it is kept", () => Promise.resolve(isKept()));
    await until("there is a checkpoint", async () => (await remains()).some((found) => found.includes("checkpoint")));
    assertGreater((await remains()).length, 10);
    const { code, stdout, stderr } = await cli("erase", "--url", aggregator.url, "--by", "Ada");
    assertEquals(code, 0, stderr);
    const [, name = ""] = /^erased; the log calls it (drone:[0-9a-f]{10})$/m.exec(stdout) ?? [];
    assertEquals(await remains(), []);
    const alerts: AlertEvent[] = rowsOf("SELECT body FROM alerts").map(({ body }) => JSON.parse(String(body)));
    const conflicts = alerts.filter(({ kind }) => kind === "conflict");
    assertEquals(conflicts.map(({ droneIds }) => droneIds.toSorted()), [[KEPT, name].toSorted()]);
    assertEquals(rowsOf("SELECT drone_id FROM losses").map(({ drone_id }) => drone_id), [KEPT]);
    const named = await cli("pseudonym", "--key", `${folder}/journal/pseudonym.key`);
    assertEquals(named.stdout.trim(), name);
    const stopped = await aggregator.stop();
    assertEquals(stopped.code, 0, stopped.stderr);
    assertStringIncludes(stopped.stderr, `erasing ${name}: done, asked by \\"Ada\\"`);
    assert(!stopped.stderr.includes(GONE), stopped.stderr);
    assertEquals(await remains(), []);
  });

  it("goes on beside it: who flies is heard, and who sends again is a new drone, also after a crash", async () => {
    await flyOn(30);
    assertEquals((await cli("erase", "--url", aggregator.url)).code, 0);
    assertEquals(await fly({ ids: [KEPT], isDefined: false }), BatchVerdict.ACCEPTED);
    assertEquals(await fly({ isDefined: false }), BatchVerdict.UNKNOWN_SLOT);
    assertEquals(await fly(), BatchVerdict.ACCEPTED);
    await aggregator.stop("SIGKILL");
    await edge.closed;
    await start();
    const drone = await (await fetch(`${aggregator.url}/v1/drones/${GONE}`)).json();
    assertEquals(drone.records, 1);
    const { records } = await (await fetch(`${aggregator.url}/v1/drones/${KEPT}`)).json();
    assertEquals(records, 32);
  });

  it("tells the files of an aggregator that is stopped", async () => {
    await flyOn(30);
    await aggregator.stop("SIGKILL");
    assertGreater((await remains()).length, 5);
    const { code, stdout, stderr } = await cli("erase", ...files());
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^erased; the log calls it drone:/);
    assertEquals(await remains(), []);
    assertGreater(rowsOf("SELECT 1 FROM drones").length, 0);
  });

  it("is refused by a running one whose files it is told, and where nobody listens", async () => {
    const held = await cli("erase", ...files());
    assertEquals(held.code, 2);
    assertStringIncludes(held.stderr, "another process has it");
    const away = await cli("erase", "--url", "http://127.0.0.1:1");
    assertEquals(away.code, 2);
    assertMatch(away.stderr, /^Cannot ask the aggregator at http:\/\/127\.0\.0\.1:1: /);
  });
};

const exportTests = () => {
  it("writes everything that is kept of it, and nothing of others, beside a running aggregator", async () => {
    await flyOn(40);
    await lose();
    await until("all of it is kept", () => Promise.resolve(isKept()));
    const out = `${folder}/export.jsonl`;
    const { code, stderr } = await cli("export", ...files(), "--out", out);
    assertEquals(code, 0, stderr);
    const lines = (await Deno.readTextFile(out)).trim().split("\n").map((line) => JSON.parse(line));
    const of = (where: string) => lines.filter((line) => line.where === where);
    const records = of("journal").filter(({ what }) => what === "record");
    assertEquals(records.map((record) => record.seq), Array.from({ length: seq }, (_, i) => i + 1));
    assertEquals(records[0].latE7, SOUGHT.latE7);
    assertEquals(of("journal").filter(({ what }) => what === "loss").length, 1);
    assertEquals(of("drones").map(({ drone_id, body }) => [drone_id, body.position.latDeg]), [[
      GONE,
      SOUGHT.latE7 / 1e7,
    ]]);
    assertEquals(of("losses").length, 1);
    assert(of("alerts")[0].body.droneIds.includes(KEPT), "it was a partner in that");
    assertEquals((await Deno.stat(out)).mode! & 0o777, 0o600);
    assertEquals(of("drones").length + of("losses").length, 2);
    assertStringIncludes(stderr, `${records.length + 1} of journal`);
  });

  it("knows the drone's slots where the journal's beginning has gone, and says so when nothing is kept", async () => {
    await flyOn(30);
    assertEquals((await runToEnd(["task", "--quiet", "erase", "--drone", "drone-x", "--url", aggregator.url])).code, 0);
    await flyOn(5, { isDefined: false });
    const { stdout } = await cli("export", ...files());
    const records = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ what }) => what === "record");
    assertEquals(records.map((record) => record.seq).slice(-5), [31, 32, 33, 34, 35]);
    const nobody = await runToEnd(["task", "--quiet", "export", "--drone", "drone-y", ...files()]);
    assertEquals([nobody.code, nobody.stdout], [0, ""]);
    assertStringIncludes(nobody.stderr, "nothing is kept of it");
  });
};

function withAggregator(tests: () => void): () => void {
  return () => {
    beforeEach(async () => {
      folder = await Deno.makeTempDir();
      seq = 0;
      await start();
    });
    afterEach(async () => {
      await aggregator.stop("SIGKILL");
      await edge.closed;
      await Deno.remove(folder, { recursive: true });
    });
    tests();
  };
}

describe("deno task erase", withAggregator(erasureTests));
describe("deno task export", withAggregator(exportTests));
