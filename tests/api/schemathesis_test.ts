// schemathesis asks a running aggregator and edge all that their documents say one can ask, and much that they do not: what they answer
// must be what the documents say, and never an error of theirs.
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Command } from "../e2e/command.ts";
import { runToEnd } from "../e2e/process.ts";
import { System, until } from "../e2e/system.ts";
import { System as IdentifiedSystem } from "../identity/system.ts";

/** As `tests/with/schemathesis.sh` installs it. */
const CACHE = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
const FOLDER = Deno.env.get("SCHEMATHESIS_PATH") ?? `${CACHE}/slipstream/schemathesis-4.32.5`;
const SCHEMATHESIS = `${FOLDER}/bin/schemathesis`;
const hasSchemathesis = await new Command(SCHEMATHESIS, ["--version"]).succeeds();

const CHECKS = [
  ...["not_a_server_error", "status_code_conformance"],
  ...["content_type_conformance", "response_schema_conformance"],
];

/** In whose name is asked, and whom to trust. */
interface Asker {
  /** Where it is written what was answered. */
  harPath: string;
  caPath: string;
  /** Null: nobody's. */
  token: string | null;
}

interface Asked {
  /** A path that has an answer without an end. */
  apart?: string;
  /** Then a few requests of each kind are enough: what is asked is known by then. Without it nobody must prove anything. */
  asker?: Asker;
}

/** Requests that were answered as they must be, as schemathesis counts them. */
async function asked(url: string, { apart, asker }: Asked = {}): Promise<number> {
  const { code, stdout, stderr } = await new Command(SCHEMATHESIS, [
    ...["--no-color", "run", `${url}/openapi.json`, "--seed", "21", "--max-examples", asker ? "3" : "5"],
    ...["--checks", CHECKS.join(","), "--phases", asker ? "fuzzing" : "examples,coverage,fuzzing", "--no-shrink"],
    ...["--request-timeout", "30", "--generation-database", "none"],
    ...apart === undefined ? [] : ["--exclude-path", apart],
    ...asker ? ["--tls-verify", asker.caPath, "--report-har-path", asker.harPath] : [],
    ...asker?.token ? ["--header", `Authorization:Bearer ${asker.token}`] : [],
  ]).output();
  assertEquals(code, 0, `${stdout}\n${stderr}`);
  return Number(/(\d+) generated, \1 passed/.exec(stdout)?.[1]);
}

/** The same, by the status of the answer. */
async function statuses(url: string, asking: Asked & { asker: Asker }): Promise<Record<number, number>> {
  assertGreater(await asked(url, asking), 10);
  const { log }: { log: { entries: { response: { status: number } }[] } } = JSON.parse(
    await Deno.readTextFile(asking.asker.harPath),
  );
  const found = Map.groupBy(log.entries, ({ response }) => response.status);
  return Object.fromEntries([...found].map(([status, entries]) => [status, entries.length]));
}

describe("what is answered", { ignore: !hasSchemathesis }, () => {
  it("is what the documents say, of an aggregator with a fleet and of its edge", async () => {
    await using system = await System.start();
    const telemetry = `${system.edge.url.replace("http", "ws")}/v1/telemetry`;
    const fleet = ["--url", telemetry, "--scenario", "crossing", "--drones", "10", "--seconds", "3"];
    assertEquals((await runToEnd(["task", "--quiet", "sim", ...fleet])).code, 0);
    await until("there is a window", async () => {
      const answer = await fetch(`${system.aggregator.url}/v1/windows`);
      return (await answer.json()).windows.length > 0;
    });
    const [aggregator, edge] = await Promise.all([
      asked(system.aggregator.url, { apart: "/v1/events" }),
      asked(system.edge.url),
    ]);
    assertGreater(aggregator, 500);
    assertGreater(edge, 50);
  });

  it("is that also where somebody wants to know who asks: of nobody, and of who may only look", async () => {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-schemathesis-" });
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    await using system = await IdentifiedSystem.start();
    const caPath = system.authority.path("root");
    await Promise.all([system.aggregatorUrl, system.edgeUrl].map(async (url, i) => {
      const of = (token: string | null) => {
        return { apart: "/v1/events", asker: { harPath: `${folder}/${i}.har`, caPath, token } };
      };
      const viewer = await statuses(url, of(await system.authority.token("person", "vera", { role: "viewer" })));
      const nobody = await statuses(url, of(null));
      assertEquals(
        [viewer[200]! > 2, viewer[403]! > 2, nobody[401]! > 2],
        [true, true, true],
        JSON.stringify({ viewer, nobody }),
      );
    }));
  });
});
