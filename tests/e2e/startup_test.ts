import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type PartName, V8_FLAGS } from "../../sim/part.ts";
import { runToEnd } from "./process.ts";

const PARTS = [
  { file: "edge/main.ts", name: "edge", port: "SLIPSTREAM_EDGE_PORT", host: "SLIPSTREAM_EDGE_HOST" },
  {
    file: "aggregator/main.ts",
    name: "aggregator",
    port: "SLIPSTREAM_AGGREGATOR_PORT",
    host: "SLIPSTREAM_AGGREGATOR_HOST",
  },
];

/** On several cores `deno task edge` is several edges, each of which is started as one alone. */
const MAIN: Record<PartName, string> = { edge: "edge/node/main.ts", aggregator: "aggregator/main.ts" };

function start(file: string, env: Record<string, string>) {
  return runToEnd(["run", "-A", "--quiet", file], {
    env: { SLIPSTREAM_SQLITE: ":memory:", SLIPSTREAM_JOURNAL: ":memory:", ...env },
  });
}

for (const { file, name, port, host } of PARTS) {
  describe(`the ${name}'s process`, () => {
    it("says that its port is taken, and what to do, in one line", async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      try {
        const taken = String(listener.addr.port);
        const { code, stdout, stderr } = await start(file, { [port]: taken });
        assertEquals([code, stdout], [2, ""], stderr);
        assertEquals(stderr.trim().split("\n").length, 1, stderr);
        assertMatch(stderr, new RegExp(`^Cannot listen on 127.0.0.1:${taken}: `));
        assertStringIncludes(stderr, port);
      } finally {
        listener.close();
      }
    });

    it("names every setting that is wrong before it starts anything", async () => {
      const { code, stdout, stderr } = await start(file, { [port]: "many", [host]: "0.0.0.0" });
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, new RegExp(`^Cannot start the ${name}: 2 setting`));
      assertStringIncludes(stderr, `${port}=many`);
      assertStringIncludes(stderr, `${host}=0.0.0.0`);
      assertEquals(stderr.includes("    at "), false, stderr);
    });
  });
}

describe("the edge's process, where what a setting names is not there", () => {
  const MISSING: [env: Record<string, string>, says: RegExp][] = [
    [{ SLIPSTREAM_MAVLINK_KEYS: "/nowhere" }, /^Cannot start the edge: Cannot use the keys in \/nowhere: .*_KEYS\n$/],
    [{ SLIPSTREAM_TOKEN_KEYS: "/nowhere" }, /^Cannot start the edge: Cannot read the token keys of \/nowhere: .*\n$/],
    [
      { SLIPSTREAM_MAVLINK_UDP_PORT: "0", SLIPSTREAM_MAVLINK_HOST: "203.0.113.1", SLIPSTREAM_MAVLINK_PEERS: "::1" },
      /^Cannot listen on 203\.0\.113\.1:0: .*; see SLIPSTREAM_MAVLINK_UDP_PORT\n$/,
    ],
  ];
  for (const [env, says] of MISSING) {
    it(`says so in one line: ${Object.keys(env)[0]}`, async () => {
      const { code, stdout, stderr } = await start("edge/main.ts", { SLIPSTREAM_EDGE_PORT: "0", ...env });
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, says);
    });
  }
});

for (const name of Object.keys(V8_FLAGS) as PartName[]) {
  describe(`deno task ${name}`, () => {
    it("starts it as the demo and the tests do", async () => {
      const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
      assertEquals(tasks[name], `deno run -A ${V8_FLAGS[name]} ${MAIN[name]}`);
    });
  });
}
