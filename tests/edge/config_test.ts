import { assertEquals, assertGreater, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";

const HOSTED = { DENO_DEPLOYMENT_ID: "x", SLIPSTREAM_TOKEN_KEYS: "keys.json" };

describe("readEdgeConfig", () => {
  it("needs no variable at all", () => {
    const config = readEdgeConfig({});
    assertEquals([config.host, config.port, config.droneRatePerS, config.droneBurst], ["127.0.0.1", 8787, 100, 256]);
  });

  it("treats an empty variable as unset", () => assertEquals(readEdgeConfig({ SLIPSTREAM_EDGE_PORT: "" }).port, 8787));

  it("names every wrong variable in one error", () => {
    const error = assertThrows(
      () =>
        readEdgeConfig({
          SLIPSTREAM_EDGE_PORT: "70000",
          SLIPSTREAM_UPLINK_URL: "http://x",
          SLIPSTREAM_EDGE_HOST: "0.0.0.0",
          SLIPSTREAM_DRONE_RATE: "fast",
        }),
      TypeError,
      "4 setting(s)",
    );
    for (const name of ["EDGE_PORT=70000", "UPLINK_URL=http://x", "EDGE_HOST=0.0.0.0", "DRONE_RATE=fast"]) {
      assertStringIncludes(error.message, `SLIPSTREAM_${name}`);
    }
  });
});

describe("the connections of readEdgeConfig", () => {
  for (
    const { of, env, openFiles, connectionsMax } of [
      { of: "20,000 where nothing else is said", env: {}, openFiles: null, connectionsMax: 20_000 },
      { of: "what fits a thousand open files", env: {}, openFiles: 1024, connectionsMax: 1024 - 96 - 128 },
      {
        of: "what was asked for if that fits",
        env: { SLIPSTREAM_CONNECTIONS_MAX: "100" },
        openFiles: 1024,
        connectionsMax: 100,
      },
      { of: "at least one", env: {}, openFiles: 64, connectionsMax: 1 },
    ]
  ) {
    it(`are ${of}`, () => {
      const config = readEdgeConfig(env, openFiles);
      assertEquals(config.connectionsMax, connectionsMax);
      assertGreater((openFiles ?? Infinity) / 2, config.listenBacklog);
    });
  }
});

describe("the origins of readEdgeConfig", () => {
  it("are none by default, and those of a list", () => {
    assertEquals([...readEdgeConfig({}).origins], []);
    const SLIPSTREAM_ORIGINS = "https://ops.example.com, http://localhost:3000,";
    assertEquals([...readEdgeConfig({ SLIPSTREAM_ORIGINS }).origins], [
      "https://ops.example.com",
      "http://localhost:3000",
    ]);
  });

  it("must be origins: a path or a star among them is an error", () => {
    for (const origins of ["*", "https://ops.example.com/", "ops.example.com", "https://a.example,*"]) {
      assertThrows(() => readEdgeConfig({ SLIPSTREAM_ORIGINS: origins }), TypeError, "SLIPSTREAM_ORIGINS");
    }
  });
});

describe("the hosts of readEdgeConfig", () => {
  it("are those of loopback, and of a list; on Deno Deploy the platform's own", () => {
    assertEquals(readEdgeConfig({}).hosts, new Set());
    assertEquals(
      readEdgeConfig({ SLIPSTREAM_HOSTS: "Ops.example.com, 10.0.0.7" }).hosts,
      new Set(["ops.example.com", "10.0.0.7"]),
    );
    assertEquals(readEdgeConfig({ ...HOSTED, SLIPSTREAM_HOSTS: "ops.example.com" }).hosts, null);
  });

  it("must be names: a port, a star or a scheme among them is an error", () => {
    for (const hosts of ["*", "ops.example.com:8787", "https://ops.example.com", "a.example,b c"]) {
      assertThrows(() => readEdgeConfig({ SLIPSTREAM_HOSTS: hosts }), TypeError, "SLIPSTREAM_HOSTS");
    }
  });
});

describe("an edge's platform", () => {
  it("ends connections itself on Deno Deploy, and nowhere else", () => {
    const SLIPSTREAM_TOKEN_KEYS = "keys.json";
    const hosted = (env: Record<string, string>) => readEdgeConfig({ SLIPSTREAM_TOKEN_KEYS, ...env }).hosted;
    assertEquals([hosted({}), hosted({ DENO_DEPLOY: "1" }), hosted({ DENO_DEPLOYMENT_ID: "x" })], [false, true, true]);
  });
});
