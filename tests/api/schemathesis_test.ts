// schemathesis asks a running aggregator and edge all that their documents say one can ask, and much that they do not: what they answer
// must be what the documents say, and never an error of theirs.
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Command } from "../e2e/command.ts";
import { runToEnd } from "../e2e/process.ts";
import { System, until } from "../e2e/system.ts";

/** As `tests/with/schemathesis.sh` installs it. */
const CACHE = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
const FOLDER = Deno.env.get("SCHEMATHESIS_PATH") ?? `${CACHE}/slipstream/schemathesis-4.32.5`;
const SCHEMATHESIS = `${FOLDER}/bin/schemathesis`;
const hasSchemathesis = await new Command(SCHEMATHESIS, ["--version"]).succeeds();

const CHECKS = [
  ...["not_a_server_error", "status_code_conformance"],
  ...["content_type_conformance", "response_schema_conformance"],
];

/** How many requests were answered as they must be. `apart`: an answer without an end. */
async function asked(url: string, { apart }: { apart?: string } = {}): Promise<number> {
  const { code, stdout, stderr } = await new Command(SCHEMATHESIS, [
    ...["--no-color", "run", `${url}/openapi.json`, "--seed", "21", "--max-examples", "5"],
    ...["--checks", CHECKS.join(","), "--phases", "examples,coverage,fuzzing", "--no-shrink"],
    ...["--request-timeout", "30", "--generation-database", "none"],
    ...apart === undefined ? [] : ["--exclude-path", apart],
  ]).output();
  assertEquals(code, 0, `${stdout}\n${stderr}`);
  return Number(/(\d+) generated, \1 passed/.exec(stdout)?.[1]);
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
});
