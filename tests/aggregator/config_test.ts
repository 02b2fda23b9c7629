import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { settingsFrom } from "../../aggregator/pipeline/environment_settings.ts";

describe("readAggregatorConfig", () => {
  it("has a default for everything", () => {
    const config = readAggregatorConfig({});
    assertEquals([config.host, config.port, config.sqlitePath], ["127.0.0.1", 8788, "data/slipstream.sqlite"]);
  });

  it("takes an empty variable for one that is not set", () => {
    assertEquals(readAggregatorConfig({ SLIPSTREAM_AGGREGATOR_PORT: "" }).port, 8788);
  });

  it("reports all problems at once, each with the value and what it must be", () => {
    const env = {
      SLIPSTREAM_AGGREGATOR_HOST: "0.0.0.0",
      SLIPSTREAM_AGGREGATOR_PORT: "70000",
      SLIPSTREAM_RETENTION_HOURS: "ever",
      SLIPSTREAM_EDGES_MAX: "0",
    };
    const { message } = assertThrows(() => readAggregatorConfig(env), TypeError, "4 setting(s) are wrong");
    for (const [name, value] of Object.entries(env)) assertStringIncludes(message, `${name}=${value}: must be`);
  });

  it("takes every loopback host and no other", () => {
    for (const host of ["127.0.0.1", "localhost", "::1", "127.1.2.3"]) {
      assertEquals(readAggregatorConfig({ SLIPSTREAM_AGGREGATOR_HOST: host }).host, host);
    }
    for (const host of ["10.0.0.1", "example.org", "127.0.0.1.example.org"]) {
      assert(assertThrows(() => readAggregatorConfig({ SLIPSTREAM_AGGREGATOR_HOST: host })));
    }
  });

  it("revises windows for as long as it is told", () => {
    const latenessOf = (env: Record<string, string>) => {
      return new Map(settingsFrom(readAggregatorConfig(env).environment)).get("allowedLatenessUs");
    };
    assertEquals(latenessOf({}), 900_000_000);
    assertEquals(latenessOf({ SLIPSTREAM_LATENESS_S: "5" }), 5_000_000);
  });

  it("keeps nothing that names a drone for longer than it is told", () => {
    const day = 86_400_000_000;
    assertEquals(readAggregatorConfig({}).keptUs, 30 * day);
    assertEquals(readAggregatorConfig({ SLIPSTREAM_RETENTION_DAYS: "7" }).keptUs, 7 * day);
    assertThrows(
      () => readAggregatorConfig({ SLIPSTREAM_RETENTION_DAYS: "0" }),
      TypeError,
      "SLIPSTREAM_RETENTION_DAYS",
    );
  });

  it("finds the key of the log's names in the journal's folder, or where it is told, or nowhere", () => {
    const pathOf = (env: Record<string, string>) => readAggregatorConfig(env).pseudonymKeyPath;
    assertEquals(pathOf({ SLIPSTREAM_JOURNAL: "/srv/j" }), "/srv/j/pseudonym.key");
    assertEquals(pathOf({ SLIPSTREAM_PSEUDONYM_KEY: "/etc/key" }), "/etc/key");
    assertEquals(pathOf({ SLIPSTREAM_JOURNAL: ":memory:" }), null);
  });

  it("takes names that it is asked by, and nothing with a port among them", () => {
    assertEquals(readAggregatorConfig({}).hosts, new Set());
    assertEquals(readAggregatorConfig({ SLIPSTREAM_HOSTS: "Ops.example.com," }).hosts, new Set(["ops.example.com"]));
    for (const hosts of ["ops.example.com:8788", "*", "http://ops.example.com"]) {
      assertThrows(() => readAggregatorConfig({ SLIPSTREAM_HOSTS: hosts }), TypeError, "SLIPSTREAM_HOSTS");
    }
  });
});
