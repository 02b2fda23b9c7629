import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { forged } from "../identity/authority.ts";
import { System } from "../identity/system.ts";
import { Process } from "../e2e/process.ts";
import { partArgs } from "../../sim/part.ts";
import { theDoctor } from "./run_doctor.ts";

const HOUR_MS = 3_600_000;

describe("deno task doctor, about a system that wants proofs", () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
  });
  afterAll(() => system[Symbol.asyncDispose]());
  const at = (...args: string[]) => theDoctor({ edge: system.edgeUrl, aggregator: system.aggregatorUrl }, args);
  const withToken = async (token: string) => {
    const path = `${system.authority.folder}/doctor.token`;
    await Deno.writeTextFile(path, token);
    return await at("--ca", system.authority.path("root"), "--token", path);
  };

  it("finds nothing wrong with one that is well, by what the PKI issues for it", async () => {
    const { code, stdout, lines } = await at("--pki", system.authority.folder);
    assertEquals([code, lines.filter((line) => !line.startsWith("ok "))], [0, []], stdout);
    assertMatch(stdout, /ok +certificate edge \S+: good for another 2[34] h/);
    assertMatch(stdout, /both warned after \d+ ms, and the aggregator knows that they know/);
  });

  it("finds a token that is wrong, in one line about both", async () => {
    const good = await system.authority.token("person", "ann", { role: "viewer" });
    const { code, problems } = await withToken(await forged(good));
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(
      problems[0]!,
      /^wrong +token +aggregator \S+, edge \S+: does not believe the token: .*; make a new one/,
    );
  });

  it("says what there is to be given where nothing is given", async () => {
    const { problems } = await at("--ca", system.authority.path("root"));
    assertMatch(problems.join("\n"), /^wrong +token +[^\n]*: wants to know who asks; give --token FILE, or --pki DIR$/);
    const untrusting = await at();
    assertMatch(untrusting.problems[0]!, /reached .*UnknownIssuer; .* or say with --ca FILE whom to trust$/);
  });

  it("finds a certificate that has ended", async () => {
    const { authority } = system;
    const ended = await authority.at(
      -30 * HOUR_MS,
      () => authority.use((pki) => pki.issueToServer(["127.0.0.1"], { hours: 24 })),
    );
    await using aggregator = await Process.start({
      args: partArgs("aggregator"),
      env: {
        SLIPSTREAM_AGGREGATOR_PORT: "0",
        SLIPSTREAM_JOURNAL: ":memory:",
        SLIPSTREAM_SQLITE: ":memory:",
        SLIPSTREAM_TLS_CERT: ended,
        SLIPSTREAM_TLS_CA: authority.path("root"),
      },
      readyWhen: "listening on",
    });
    const of = { edge: system.edgeUrl, aggregator: aggregator.url };
    const { code, problems } = await theDoctor(of, ["--pki", authority.folder]);
    assertEquals([code, problems.length], [1, 1], problems.join("\n"));
    assertMatch(problems[0]!, /^wrong +certificate +aggregator \S+: its certificate ended 6 h ago; issue a new one/);
  });
});
