import { assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Api, type ApiParts, createApi } from "../../aggregator/api/api.ts";
import { type Ask, askHere } from "../../aggregator/sinks/history.ts";
import { outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { OPEN_GATE } from "../../identity/gate.ts";
import { alert, TIME_US, tumbling } from "../aggregator/fake_pipeline.ts";
import { parseCsv } from "./parse_csv.ts";

const S = 1_000_000;
const WINDOWS = 350;
const RANGE = `from=${TIME_US}&to=${TIME_US + WINDOWS * S}`;

let sink: SqliteSink;
let asked: number;
let answering: Ask;
let erased: { index: number; isOwed: boolean };
let api: Api;

describe("GET /v1/export/…", () => {
  beforeEach(() => {
    sink = new SqliteSink({ path: ":memory:", queueRowsMax: 10_000 });
    for (let i = 0; i <= WINDOWS; i++) {
      const place = { journalId: "j", index: i, atUs: TIME_US, ordinal: 0 };
      sink.take(...outputRow(tumbling(TIME_US + i * S), place)!);
      sink.take(...outputRow({ type: "alert", alert: alert(i, { changedTimeUs: TIME_US + i * S }) }, place)!);
    }
    sink.drain();
    asked = 0;
    erased = { index: 0, isOwed: false };
    answering = askHere(sink.db);
    const parts = {
      ...{
        gate: OPEN_GATE,
        hosts: null,
        log: () => {},
        pseudonym: () => "",
        erasedIndex: () => erased.index,
        owesErasure: () => erased.isOwed,
        journalFolder: null,
      },
      askHistory: (question: Parameters<Ask>[0]) => {
        asked++;
        return answering(question);
      },
    };
    api = createApi(parts as unknown as ApiParts);
  });
  afterEach(() => sink.close());

  for (const  of of["windows", "alerts"]) {
    it(`hands out all ${of} of a range, though each answer of the history has a part of them`, async () => {
      const rows = parseCsv(await (await api.request(`/v1/export/${of}?${RANGE}`)).text()).slice(1);
      assertEquals([rows.length, new Set(rows.map((row) => row.join())).size], [WINDOWS, WINDOWS]);
      assertEquals(asked, 4);
    });

    it(`asks for no more ${of} than are read`, async () => {
      const reader = (await api.request(`/v1/export/${of}?${RANGE}`)).body!.getReader();
      await reader.read();
      assertEquals(asked, 1);
      await reader.cancel();
    });
  }

  it("is what whoever asks accepts, unless the address says something else", async () => {
    const typeOf = async (query: string, accept: string) => {
      const response = await api.request(`/v1/export/alerts?${RANGE}${query}`, { headers: { accept } });
      await response.body?.cancel();
      return response.headers.get("content-type");
    };
    assertEquals(await typeOf("", "application/geo+json"), "application/geo+json");
    assertEquals(await typeOf("", "text/csv;q=0.5, application/geo+json"), "application/geo+json");
    assertEquals(await typeOf("", "text/html"), "text/csv");
    assertEquals(await typeOf("&format=csv", "application/geo+json"), "text/csv");
  });

  it("says why there is nothing, and is broken off where there is no more", async () => {
    const inTime = answering;
    const cannot: Ask = () => Promise.resolve({ status: 503, error: "Cannot look it up: the disk is gone" });
    answering = (question) => asked > 2 ? cannot(question) : inTime(question);
    const response = await api.request(`/v1/export/windows?${RANGE}`);
    assertEquals(response.status, 200);
    await assertRejects(() => response.text(), Error, "Cannot look it up: the disk is gone");
    const refused = await api.request(`/v1/export/windows?${RANGE}`);
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assertEquals(await refused.json(), { error: "Cannot look it up: the disk is gone" });
  });

  for (const  of of["windows", "alerts"]) {
    it(`hands out no ${of} while the database has still to forget a drone`, async () => {
      const begun = await api.request(`/v1/export/${of}?${RANGE}`);
      erased = { index: 7, isOwed: true };
      await assertRejects(() => begun.text(), Error, "a drone was erased meanwhile");
      const error = `Cannot export ${of}: a drone is being erased`;
      const askedBefore = asked;
      const refused = await api.request(`/v1/export/${of}?${RANGE}`);
      assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
      assertEquals([await refused.json(), asked], [{ error }, askedBefore]);
      erased.isOwed = false;
      assertEquals(parseCsv(await (await api.request(`/v1/export/${of}?${RANGE}`)).text()).length, WINDOWS + 1);
    });
  }

  it("has no tracks where no journal is on a disk", async () => {
    const response = await api.request(`/v1/export/tracks?${RANGE}`);
    const error = "Cannot export tracks: there is no journal on a disk here";
    assertEquals([response.status, await response.json()], [404, { error }]);
  });
});
