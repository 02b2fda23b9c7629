import { OPEN_GATE } from "../../identity/gate.ts";
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Api, createApi } from "../../aggregator/api/api.ts";
import { fleetReport } from "../../aggregator/api/fleet_report.ts";
import { Edges } from "../../aggregator/intake/edges.ts";
import { type Journal, volatileJournal } from "../../aggregator/journal/journal.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import { Operations } from "../../aggregator/alerts/operations.ts";
import { Sequencer } from "../../aggregator/core/sequencer.ts";
import { EventFanOut } from "../../aggregator/sinks/events.ts";
import { type Ask, askHere } from "../../aggregator/sinks/history.ts";
import { outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { Warnings } from "../../aggregator/warnings/warnings.ts";
import { pseudonyms } from "../../platform/pseudonyms.ts";
import { aircraft, alert, drone, FakePipeline, TIME_US, tumbling } from "./fake_pipeline.ts";

const hostile = '<img src=x onerror="alert(1)">/../é';

let pipeline: FakePipeline;
let sqlite: SqliteSink;
let events: EventFanOut;
let api: Api;
let operations: Operations;
let sequencer: Sequencer;
let askHistory: Ask;
const journalView = { state: "volatile" as const, journalId: "j", waiting: 0, commitMs: null, recovered: null };
let notReady: string | null;
let logs: string[];
let journal: { append: Journal["append"]; failing: boolean };

async function get(path: string): Promise<[number, Record<string, unknown>]> {
  const response = await api.request(path);
  return [response.status, await response.json()];
}

async function acknowledge(id: string, body: unknown, contentType = "application/json"): Promise<[number, unknown]> {
  const headers = { "content-type": contentType };
  const init = { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await api.request(`/v1/alerts/${id}/acknowledge`, init);
  return [response.status, await response.json()];
}

describe("the API", () => {
  beforeEach(() => {
    pipeline = new FakePipeline();
    pipeline.all = [drone("drone-1"), drone(hostile, { position: null, batteries: [] })];
    pipeline.alerts = [alert(7), alert(8)];
    sqlite = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
    events = new EventFanOut({ clientsMax: 1 });
    notReady = null;
    logs = [];
    askHistory = askHere(sqlite.db);
    const nowUs = () => TIME_US + 250_000;
    const clock = () => 0;
    const none = { clock, warn: () => {}, deliver: () => {}, onLosses: () => {}, onClockStep: () => {} };
    journal = { ...volatileJournal() };
    const journalled = { onFull: () => {}, onGap: () => {}, onMissed: () => {} };
    sequencer = new Sequencer({ nowUs, journal, pipeline, ...none, ...journalled });
    operations = new Operations({ nowUs, ...none });
    const noEdge = {
      clock,
      usedId: (droneId: string) => droneId,
      edgeOf: () => undefined,
      edges: () => [],
      send: () => {},
    };
    const warnings = new Warnings({ nowUs, ...noEdge, openAlerts: () => [], onReport: () => {} });
    const journalNow = () => ({ ...journalView, lastIndex: sequencer.applied.index });
    api = createApi({
      pipeline,
      sequencer,
      operations,
      intake: { upgrade: () => ({ status: 426, error: "Cannot: no sockets here" }) },
      askHistory: (question) => askHistory(question),
      hosts: new Set(["ops.example.com"]),
      ...{ gate: OPEN_GATE, clock, nowUs },
      events,
      fleet: () =>
        fleetReport({
          ...{ region: "north", nowUs },
          pipeline,
          edges: new Edges(),
          publishers: { views: [] },
          sqlite,
          events,
          webhooks: { view: [] },
          journal: journalNow,
          warnings,
          presence: { tooSlow: null },
          refusals: new Refusals(),
        }),
      metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
      scaling: { report: null },
      notReady: () => notReady,
      log: (_, message) => logs.push(message),
      pseudonym: pseudonyms("a test's key", "drone"),
      erase: () => Promise.resolve("done"),
      ...{ erasedIndex: () => 0, owesErasure: () => false },
      journalFolder: null,
    });
  });
  afterEach(() => sqlite.close());

  it("tells the fleet's numbers with the watermark's lag, edges and sinks", async () => {
    const [status, fleet] = await get("/v1/fleet");
    assertEquals([status, fleet.drones, fleet.watermarkLagMs, fleet.lostRecords], [200, 2, 250, 0]);
    assertEquals(fleet.edges, []);
  });

  it("lists aircraft that are nobody's here", async () => {
    pipeline.aircraft = [aircraft("adsb:4ca123")];
    assertEquals(await get("/v1/traffic"), [200, { traffic: pipeline.aircraft }]);
  });

  it("lists drones lightly, unknown values as null", async () => {
    const [, { drones }] = await get("/v1/drones");
    assert(Array.isArray(drones));
    assertEquals([drones[0].droneId, drones[0].latDeg, drones[0].remainingCpct], ["drone-1", 47.4, 5210]);
    assertEquals([drones[1].droneId, drones[1].latDeg, drones[1].remainingCpct], [hostile, null, null]);
  });

  it("makes a long list of drones as it is read, so that it holds up nothing", async () => {
    let made = 0;
    pipeline.drones = function* () {
      for (; made < 1050; made++) yield drone(`drone-${made}`);
    };
    const reader = (await api.request("/v1/drones")).body!.getReader();
    let [text, before] = ["", 0];
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      assertLess(made - before, 102, "no more than a hundred, and a look at the next, for each part");
      before = made;
      text += new TextDecoder().decode(part.value);
    }
    assertEquals(JSON.parse(text).drones.length, 1050);
    pipeline.drones = function* () {};
    assertEquals(await get("/v1/drones"), [200, { drones: [] }]);
  });

  it("finds a drone by any id, however hostile", async () => {
    const [status, found] = await get(`/v1/drones/${encodeURIComponent(hostile)}`);
    assertEquals([status, found.droneId], [200, hostile]);
  });

  it("answers 404 for a drone never seen", async () => {
    const [status, { error }] = await get("/v1/drones/nobody");
    assertEquals([status, error], [404, 'Cannot find drone "nobody": it was never seen']);
  });

  it("lists windows from SQLite by query", async () => {
    for (const output of [tumbling(TIME_US), tumbling(TIME_US + 1_000_000), tumbling(TIME_US, { zone: "north" })]) {
      sqlite.take(...outputRow(output, { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!);
    }
    sqlite.flush();
    const [status, { windows }] = await get(`/v1/windows?fleet=fleet&zone=*&to=${TIME_US + 1_000_000}`);
    assert(Array.isArray(windows));
    assertEquals([status, windows.length, windows[0].startUs], [200, 1, TIME_US]);
  });

  it("names everything that is wrong with a query", async () => {
    const [status, { error }] = await get("/v1/windows?kind=hopping&limit=1e9&from=yesterday");
    assertEquals(status, 400);
    for (const problem of ["kind must be", "limit must be", "from must be"]) assertStringIncludes(`${error}`, problem);
  });

  it("lists open alerts from the pipeline, and all of them from SQLite", async () => {
    sqlite.take(
      ...outputRow({ type: "alert", alert: alert(1) }, { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!,
    );
    sqlite.flush();
    const ids = async (query: string) => {
      const [, { alerts }] = await get(`/v1/alerts${query}`);
      return (alerts as { alertId: number }[]).map(({ alertId }) => alertId);
    };
    assertEquals(await ids(""), [7, 8]);
    assertEquals(await ids("?state=open&limit=1"), [7]);
    assertEquals(await ids("?state=all"), [1]);
  });

  it("says that the history cannot answer now, and when to ask again; or that it never will", async () => {
    const asks = ["/v1/windows", "/v1/alerts?state=all", "/v1/deliveries", "/v1/losses", "/v1/drones/gone"];
    for (const [status, retryAfter] of [[503, "1"], [504, "1"], [400, null]] as const) {
      askHistory = () => Promise.resolve({ status, error: "Cannot look it up" });
      for (const path of asks) {
        const response = await api.request(path);
        assertEquals([response.status, response.headers.get("retry-after")], [status, retryAfter], path);
        assertEquals(await response.json(), { error: "Cannot look it up" });
      }
    }
    const live = ["/v1/fleet", "/v1/drones", "/v1/drones/drone-1", "/v1/alerts"];
    for (const path of live) assertEquals((await get(path))[0], 200, "what is live needs no history");
  });

  it("acknowledges an open alert", async () => {
    assertEquals(await acknowledge("7", { by: " Ada " }), [200, { alertId: 7, acknowledgedBy: "Ada" }]);
    assertEquals(pipeline.alerts[0]?.acknowledgedBy, "Ada");
  });

  it("answers 503 at once to an acknowledgement that it could not keep, and then has not done it", async () => {
    journal.failing = true;
    const [status, answer] = await acknowledge("7", { by: "Ada" });
    assertEquals([status, pipeline.alerts[0]?.acknowledgedBy], [503, null]);
    assertEquals(answer, { error: "Cannot acknowledge alert 7: the journal cannot be written" });
    journal.failing = false;
    assertEquals((await acknowledge("7", { by: "Ada" }))[0], 200);
  });

  it("answers 202 to an acknowledgement that is done and that a crash would forget", async () => {
    journal.append = () => {
      // It fails from the moment on in which it is asked.
      journal.failing = true;
      return new Promise(() => {});
    };
    assertEquals(await acknowledge("7", { by: "Ada" }), [202, { alertId: 7, acknowledgedBy: "Ada" }]);
    assertEquals(pipeline.alerts[0]?.acknowledgedBy, "Ada");
  });

  it("acknowledges alerts about itself whatever the journal does", async () => {
    journal.failing = true;
    operations.degraded("journal", { message: "Cannot write the journal", severity: "critical" });
    const [{ alertId } = { alertId: 0 }] = operations.openAlerts();
    assertEquals((await acknowledge(`${alertId}`, { by: "Ada" }))[0], 202);
    assertEquals(operations.openAlerts()[0]?.acknowledgedBy, "Ada");
    assertEquals(pipeline.operated.auditHead.seq, 0, "the record waits for the journal");
    journal.failing = false;
    sequencer.check();
    assertEquals(pipeline.operated.auditHead.seq, 1);
    assertEquals((await acknowledge(`${alertId}`, { by: "Bea" }))[0], 200);
    assertEquals(pipeline.operated.auditHead.seq, 1, "who comes second changes nothing");
  });

  it("names a drone in its log by what stands for it, whatever fails", async () => {
    pipeline.drone = () => {
      throw new Error("Cannot: broken");
    };
    assertEquals((await api.request("/v1/drones/drone%2D1")).status, 500);
    assertStringIncludes(logs.at(-1)!, `/v1/drones/${pseudonyms("a test's key", "drone")("drone-1")}`);
  });

  it("refuses an acknowledgement of nothing, by nobody, or that a foreign page could send", async () => {
    const statuses: number[] = [];
    for (
      const [id, body, contentType] of [
        ["99", { by: "Ada" }],
        ["seven", { by: "Ada" }],
        ["7", { by: "  " }],
        ["7", {}],
        ["7", "{"],
        ["7", { by: "x".repeat(65) }],
        ["7", { by: "Ada" }, "text/plain"],
      ] as const
    ) {
      const [status, answer] = await acknowledge(id, body, contentType);
      assertMatch(`${(answer as { error: string }).error}`, /^Cannot /);
      statuses.push(status);
    }
    assertEquals(statuses, [404, 400, 400, 400, 400, 400, 415]);
    assertEquals(pipeline.alerts[0]?.acknowledgedBy, null);
  });

  it("streams events, to as many readers as allowed", async () => {
    const response = await api.request("/v1/events");
    assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
    const [status] = await get("/v1/events");
    assertEquals(status, 503);
    await response.body!.cancel();
  });

  it("says whether it lives and whether it takes batches", async () => {
    assertEquals(await get("/healthz"), [200, { status: "ok" }]);
    assertEquals(await get("/readyz"), [200, { status: "ready" }]);
    notReady = "stopping";
    assertEquals(await get("/readyz"), [503, { status: "not ready", reason: "stopping" }]);
  });

  it("serves every module that the console imports, and nothing beside them", async () => {
    const served = new Set(["/console.js", "/audit.js"]);
    for (const module of served) {
      const response = await api.request(module);
      assertEquals(
        [response.status, response.headers.get("content-type")],
        [200, "text/javascript; charset=utf-8"],
        module,
      );
      for (const [, path] of (await response.text()).matchAll(/from "\.(\/[\w.]+)"/g)) served.add(path!);
    }
    const files = await Array.fromAsync(Deno.readDir(new URL("../../aggregator/console/", import.meta.url)));
    const modules = files.map(({ name }) => `/${name}`).filter((name) => name.endsWith(".js"));
    assertEquals([...served].sort(), modules.sort(), "every module has its use");
    assertEquals((await get("/../config.ts"))[0], 404);
    assertEquals((await get("/..%2fconfig.ts"))[0], 404);
  });

  it("answers unknown paths with JSON", async () => {
    const [status, { error }] = await get("/v2/fleet");
    assertEquals(status, 404);
    assertStringIncludes(`${error}`, "Cannot find /v2/fleet");
  });
});
