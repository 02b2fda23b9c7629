import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { VERSION } from "../../platform/version.ts";
import { until } from "../e2e/system.ts";
import { sources } from "../style/sources.ts";
import { canMakeRoots, environmentOf, ImageRoot, isCopied } from "./image_root.ts";
import { ROOT } from "./tools.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const hasRoots = await canMakeRoots();

describe("the image", () => {
  it("is of the Deno that everything else is tried with, and of nobody who may write to it", async () => {
    const dockerfile = await read("Dockerfile");
    const [, pinned] = /DENO_VERSION=(\S+)/.exec(await read(".ci/run"))!;
    assertStringIncludes(dockerfile, `FROM denoland/deno:${pinned}\n`);
    assertMatch(dockerfile, /^USER 1993:1993$/m);
    assertMatch(dockerfile, /^ENTRYPOINT \["\/tini", "--"\]$/m);
    assertEquals(environmentOf(dockerfile).DENO_DIR, "/deno-dir");
  });

  it("has what each thread loads, before it starts", async () => {
    const build = await read("deploy/image/build");
    const workers = (await sources("aggregator/")).filter(({ path }) => /worker\.ts$/.test(path));
    assertGreater(workers.length, 5);
    for (const { path } of workers) assertStringIncludes(build, path);
  });

  it("has the modules, and neither tests nor what builds them", async () => {
    const dockerignore = await read(".dockerignore");
    const copied = (path: string) => isCopied(path, dockerignore);
    for (
      const path of [
        "deno.json",
        "edge/main.ts",
        "aggregator/console/index.html",
        "wasm/hot_path.wasm",
        "wasm/mavlink/pkg/mavlink_bg.wasm",
        "deploy/health/main.ts",
      ]
    ) {
      assertEquals(copied(path), true, path);
    }
    for (
      const path of [
        "tests/edge/rig.ts",
        ".git/config",
        "data/pki/ca.key.pem",
        "wasm/assembly/index.ts",
        "wasm/mavlink/src/lib.rs",
        "deploy/compose.yaml",
      ]
    ) {
      assertEquals(copied(path), false, path);
    }
  });
});

describe(
  "the image's commands, as nobody in particular in a root file system that is read only",
  { ignore: !hasRoots },
  () => {
    let root: ImageRoot;
    beforeAll(async () => {
      root = await ImageRoot.build();
    });
    afterAll(() => root[Symbol.asyncDispose]());

    /** Where nobody listens. */
    const NO_PORTS = { SLIPSTREAM_EDGE_PORT: "1", SLIPSTREAM_AGGREGATOR_PORT: "2" };
    const portOf = (url: string) => new URL(url).port;

    it("tell their version, and write nothing", async () => {
      for (const command of ["edge", "aggregator", "pki"]) {
        assertEquals((await root.run(command, ["--version"])).out, `slipstream ${VERSION}\n`);
      }
      for (const path of ["/app/x", "/deno-dir/x", "/x"]) {
        assertMatch((await root.run("touch", [path])).err, /Read-only file system/);
      }
    });

    it("run with identities of a small PKI, are healthy, tell their metrics to a viewer, and stop in order", async () => {
      const handed = { PKI_DIR: "/data/pki", HANDED_DIR: "/data/handed" };
      const { code, err } = await root.run("identities", [], { env: handed });
      assertEquals([code, err], [0, ""]);
      const identity = (of: string) => ({
        SLIPSTREAM_TLS_CERT: `/data/handed/${of}/server.pem`,
        SLIPSTREAM_TLS_CA: `/data/handed/${of}/ca.pem`,
        SLIPSTREAM_TOKEN_KEYS: `/data/handed/${of}/tokens.jwks.json`,
        SLIPSTREAM_REVOKED: `/data/handed/${of}/revoked.txt`,
      });
      await using aggregator = await root.start("aggregator", {
        ...identity("aggregator"),
        SLIPSTREAM_AGGREGATOR_PORT: "0",
      });
      await using edge = await root.start("edge", {
        ...identity("edge"),
        SLIPSTREAM_EDGE_PORT: "0",
        // One of several that share a certificate, as in Kubernetes.
        SLIPSTREAM_EDGE_ID: "edge-1~pod-0",
        SLIPSTREAM_EDGE_PROCESSES: "2",
        SLIPSTREAM_UPLINK_URL: `wss://127.0.0.1:${portOf(aggregator.url)}/v1/uplink`,
        SLIPSTREAM_UPLINK_CA: "/data/handed/edge/ca.pem",
        SLIPSTREAM_UPLINK_CERT: "/data/handed/edge/uplink.pem",
      });
      const inRoot = (path: string) => Deno.readTextFile(`${root.path}/data/handed/${path}`);
      using client = Deno.createHttpClient({ caCerts: [await inRoot("scrape/ca.pem")] });
      const token = (await inRoot("scrape/scrape.token")).trim();
      const ask = async (url: string, headers: Record<string, string> = {}) => {
        const answer = await fetch(url, { client, headers });
        return { status: answer.status, text: await answer.text() };
      };
      await until("the edge is ready", async () => (await ask(`${edge.url}/readyz`)).status === 200, 30_000);
      const ports = [["SLIPSTREAM_EDGE_PORT", edge], ["SLIPSTREAM_AGGREGATOR_PORT", aggregator]] as const;
      for (const [port, process] of ports) {
        assertEquals((await ask(`${process.url}/metrics`)).status, 401);
        const { status, text } = await ask(`${process.url}/metrics`, { authorization: `Bearer ${token}` });
        assertEquals([status, text.includes(`slipstream_build_info{version="${VERSION}"`)], [200, true]);
        const both = text.includes('slipstream_edge_processes{state="answers"} 2\n');
        assertEquals(both, process === edge);
        const env = { ...identity("edge"), ...NO_PORTS, [port]: portOf(process.url) };
        const health = await root.run("health", [], { env });
        assertEquals([health.code, health.err], [0, ""]);
      }
      // An edge hands over what it has before the aggregator goes.
      assertEquals((await edge.stop("SIGTERM")).code, 0);
      assertEquals((await aggregator.stop("SIGTERM")).code, 0);
    });

    it("are not healthy when nobody listens", async () => {
      const { code, err } = await root.run("health", [], {
        env: { SLIPSTREAM_EDGE_PORT: "1", SLIPSTREAM_AGGREGATOR_PORT: "2" },
      });
      assertEquals(code, 1);
      assertMatch(err, /^port 1: .*refused.*; port 2: .*refused/i);
    });
  },
);
