import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR_SETTINGS, readAggregatorConfig } from "../../aggregator/config.ts";
import { MERGER_SETTINGS, readMergerConfig } from "../../aggregator/merge/config.ts";
import { EDGE_SETTINGS, readEdgeConfig } from "../../edge/config.ts";
import { SETTING_NAMES } from "../../platform/setting_names.ts";

type Env = Record<string, string>;
/** What a merger must be told. */
const MERGER = { SLIPSTREAM_MERGER_REGIONS: "eu=fleet-eu-metrics-partial", SLIPSTREAM_KAFKA: "localhost:9092" };
const PROCESSES = [
  { name: "edge", read: (env: Env): unknown => readEdgeConfig(env), table: EDGE_SETTINGS, names: SETTING_NAMES.edge },
  {
    name: "aggregator",
    read: (env: Env): unknown => readAggregatorConfig(env),
    table: AGGREGATOR_SETTINGS,
    names: SETTING_NAMES.aggregator,
  },
  {
    name: "merger",
    read: (env: Env): unknown => readMergerConfig({ ...MERGER, ...env }),
    table: MERGER_SETTINGS,
    names: SETTING_NAMES.merger,
  },
];

for (const { name, read, table, names } of PROCESSES) {
  const prefix = `SLIPSTREAM_${name.toUpperCase()}`;
  const problem = (env: Env) => assertThrows(() => read(env), TypeError, `Cannot start the ${name}: `).message;

  describe(`the settings of the ${name}`, () => {
    it("are the variables that the other process takes for this one's, each with words for the help", () => {
      assertEquals(Object.keys(table), [...names]);
      for (const [name, { about, placeholder }] of Object.entries(table)) {
        assertEquals([about !== "", placeholder !== ""], [true, true], name);
      }
    });

    it("hold as they say in the help when nothing is set", () => {
      for (const [name, { read, shown, fallback }] of Object.entries(table)) {
        if (["off", "none", "any"].includes(shown) || fallback === undefined || fallback === null) continue;
        assertEquals(read(shown), { value: fallback }, name);
      }
    });

    for (const port of ["70000", "65536", "-1", "8787.5", "x", " "]) {
      it(`say of port ${JSON.stringify(port)} what it must be, as every process does`, () => {
        assertStringIncludes(
          problem({ [`${prefix}_PORT`]: port }),
          `1 setting(s) are wrong\n  ${prefix}_PORT=${port}: must be a whole number from 0 to 65535`,
        );
      });
    }

    it("tell no more of a value than is needed to know it: it may be a key in the wrong variable", () => {
      const key = "-----BEGIN PRIVATE KEY-----\n" + "MC4CAQAwBQYDK2VwBCIEI".repeat(4);
      const told = problem({ SLIPSTREAM_UPLINK_KEYS: key, [`${prefix}_PORT`]: key });
      assertEquals(told.split("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYD…:").length, 3, told);
    });

    it("tell nothing of a value that is secret", () => {
      const secret = Object.entries(table).find(([, kind]) => "isSecret" in kind && kind.isSecret);
      // One that takes any text has nothing to say of it.
      if (!secret || "value" in secret[1].read("hunter2")) return;
      const told = problem({ [secret[0]]: "hunter2" });
      assertStringIncludes(told, `${secret[0]}=…: must`);
      assertEquals(told.includes("hunter2"), false);
    });

    it("take each end of a range", () => {
      read({ [`${prefix}_PORT`]: "0" });
      read({ [`${prefix}_PORT`]: "65535" });
    });

    for (const host of ["127.999999.0.1", "127.0.0.256", "127.0.0", "127.0.0.1.1", "127.0.0.01", "edge.example.com"]) {
      it(`take no host ${host}: it is no address`, () => {
        const wrong = `${prefix}_HOST=${host}: must be localhost or an IP address`;
        assertStringIncludes(problem({ [`${prefix}_HOST`]: host }), wrong);
      });
    }

    for (const host of ["128.0.0.1", "::2", "0.0.0.0"]) {
      it(`take no host ${host}: it is none of this machine's`, () => {
        assertStringIncludes(
          problem({ [`${prefix}_HOST`]: host }),
          `${prefix}_HOST=${host}: must be a loopback address`,
        );
      });
    }

    it("take every loopback host", () => {
      for (const host of ["127.0.0.1", "127.255.255.255", "localhost", "::1"]) read({ [`${prefix}_HOST`]: host });
    });

    it("name the nearest of a variable that nobody reads: mistyped, it would be ignored", () => {
      for (
        const [mistyped, meant] of [
          [`${prefix}_PROT`, `${prefix}_PORT`],
          ["SLIPSTREAM_DRONERATE", "SLIPSTREAM_DRONE_RATE"],
          ["SLIPSTREAM_JOURNAL_MB", "SLIPSTREAM_JOURNAL_MIB"],
        ]
      ) {
        assertStringIncludes(problem({ [mistyped!]: "5" }), `${mistyped}=5: no such setting; the nearest is ${meant}`);
      }
    });

    it("leave alone what another process reads, however wrong it is, what is empty, and what is not ours", () => {
      const all: readonly string[] = PROCESSES.flatMap(({ names }) => [...names]);
      // What several processes read is this one's as well.
      const others = all.filter((other) => !(names as readonly string[]).includes(other));
      const env = Object.fromEntries(others.map((name) => [name, "?"]));
      assertEquals(read({ ...env, SLIPSTREAM_PROT: "", PATH: "/bin", XSLIPSTREAM_PORT: "1" }), read({}));
    });

    it("tell everything that is wrong at once: bounds, and names that nobody reads", () => {
      const message = problem({ [`${prefix}_PORT`]: "x", [`${prefix}_HOST`]: "0.0.0.0", SLIPSTREAM_ZONES: "north" });
      assertStringIncludes(message, "3 setting(s) are wrong");
      for (const part of ["_PORT=x: must", "_HOST=0.0.0.0: must", "SLIPSTREAM_ZONES=north: no such"]) {
        assertStringIncludes(message, part);
      }
    });
  });
}

describe("an edge that is to keep batches in KV", () => {
  it("does not start without a database to keep them in: it would lose them with the process", () => {
    assertThrows(
      () => readEdgeConfig({ SLIPSTREAM_REPLAY_KV: "1" }),
      TypeError,
      "1 setting(s) are wrong\n  SLIPSTREAM_REPLAY_KV=1: needs SLIPSTREAM_KV",
    );
    assertEquals(readEdgeConfig({ SLIPSTREAM_REPLAY_KV: "1", SLIPSTREAM_KV: "default" }).replayInKv, true);
    assertEquals(readEdgeConfig({ SLIPSTREAM_REPLAY_KV: "0" }).replayInKv, false);
  });

  it("is told once what is wrong with a value that is none", () => {
    const { message } = assertThrows(() => readEdgeConfig({ SLIPSTREAM_REPLAY_KV: "yes" }), TypeError);
    assertStringIncludes(message, "1 setting(s) are wrong\n  SLIPSTREAM_REPLAY_KV=yes: must be 0 or 1");
  });
});

describe("the aggregator of an edge", () => {
  it("is at a WebSocket's address", () => {
    assertEquals(readEdgeConfig({ SLIPSTREAM_UPLINK_URL: "wss://a.example/u" }).uplinkUrl, "wss://a.example/u");
    for (const url of ["http://a.example", "wsx://a.example", "a.example"]) {
      assertThrows(() => readEdgeConfig({ SLIPSTREAM_UPLINK_URL: url }), TypeError, "must be a ws:// or wss:// URL");
    }
  });
});

describe("names of an edge", () => {
  it("are words of a path", () => {
    assertEquals(readEdgeConfig({ SLIPSTREAM_REGION: "eu-2.a_B" }).region, "eu-2.a_B");
    for (const region of ["a b", "a/b", "é", "a~b", "x".repeat(65)]) {
      assertThrows(() => readEdgeConfig({ SLIPSTREAM_REGION: region }), TypeError, "must be 1 to 64 letters");
    }
  });

  it("may stand behind one that several share, where none of a node's edges can", () => {
    for (const id of ["edge-2.a_B", "edge-1~edge-7d9f8b6c5d-x2x4z", "edge-1~eu~7k", "x".repeat(61)]) {
      assertEquals(readEdgeConfig({ SLIPSTREAM_EDGE_ID: id }).edgeId, id);
    }
    for (const id of ["a b", "a/b", "é", "~a", "a~", "a~~b", "edge-1~2", "edge-1~pod~16", "x".repeat(62)]) {
      assertThrows(() => readEdgeConfig({ SLIPSTREAM_EDGE_ID: id }), TypeError, "must be 1 to 61 letters");
    }
  });
});
