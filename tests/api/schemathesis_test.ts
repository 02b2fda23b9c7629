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
  folder: string;
  caPath: string;
  /** Null: nobody's. */
  token: string | null;
}

interface Asked {
  /** A path that has an answer without an end. */
  apart?: string;
  phases?: string;
  asker?: Asker;
}

const EVERYTHING = "examples,coverage,fuzzing";

/** Requests that were answered as they must be, as schemathesis counts them. */
async function asked(url: string, { apart, phases = EVERYTHING, asker }: Asked = {}): Promise<number> {
  const { code, stdout, stderr } = await new Command(SCHEMATHESIS, [
    ...["--no-color", "run", `${url}/openapi.json`, "--seed", "21", "--max-examples", "5"],
    ...["--checks", CHECKS.join(","), "--phases", phases, "--no-shrink"],
    ...["--request-timeout", "30", "--generation-database", "none"],
    ...apart === undefined ? [] : ["--exclude-path", apart],
    ...asker ? ["--tls-verify", asker.caPath, "--report-har-path", harOf(asker)] : [],
    ...asker?.token ? ["--header", `Authorization:Bearer ${asker.token}`] : [],
  ]).output();
  assertEquals(code, 0, `${stdout}\n${stderr}`);
  return Number(/(\d+) generated, \1 passed/.exec(stdout)?.[1]);
}

const harOf = ({ folder }: Asker) => `${folder}/asked.har`;

/** The same, by the status of the answer. */
async function statuses(url: string, asking: Asked & { asker: Asker }): Promise<Record<number, number>> {
  assertGreater(await asked(url, asking), 50);
  const { log }: { log: { entries: { response: { status: number } }[] } } = JSON.parse(
    await Deno.readTextFile(harOf(asking.asker)),
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
    for (const [what, url] of Object.entries({ aggregator: system.aggregatorUrl, edge: system.edgeUrl })) {
      const of = (token: string | null) => ({
        apart: "/v1/events",
        phases: "coverage",
        asker: { folder, caPath, token },
      });
      const viewer = await statuses(url, of(await system.authority.token("person", "vera", { role: "viewer" })));
      const nobody = await statuses(url, of(null));
      assertGreater(viewer[200] ?? 0, 10, what);
      assertGreater(viewer[403] ?? 0, 5, what);
      assertGreater(nobody[401] ?? 0, 10, what);
    }
  });
});
