import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeJwt } from "jose";
import { runToEnd } from "../e2e/process.ts";
import { PkiRig } from "./pki_rig.ts";

const run = (...args: string[]) => runToEnd(["task", "--quiet", "pki", ...args]);

describe("deno task pki", () => {
  it("goes from nothing to a drone that is revoked and enrolled again", async () => {
    await using rig = await PkiRig.create();
    const dir = ["--dir", rig.file("inner")];
    const made = await run("init", ...dir, "--fleet", "north");
    assertEquals([made.code, made.stderr], [0, ""]);
    assertEquals(made.stdout.split("\n").filter((line) => line.endsWith("/ca.pem")), [rig.file("inner/ca.pem")]);
    const issued = await run("issue", ...dir, "--drone", "../d 1");
    assertEquals([issued.code, issued.stdout], [0, `${rig.file("inner/issued/drone-..%2Fd%201.pem")}\n`]);
    const server = await run("issue", ...dir, "--server", "edge.example,localhost", "--hours", "1");
    assertEquals(server.stdout, `${rig.file("inner/issued/server-edge.example.pem")}\n`);
    const token = await run("token", ...dir, "--person", "ann", "--role", "admin", "--minutes", "5");
    const { sub, role, iat, exp } = decodeJwt(token.stdout.trimEnd());
    assertEquals([sub, role, exp! - iat!], ["slipstream://north/person/ann", "admin", 300]);
    const revoked = await run("revoke", ...dir, "--drone", "../d 1", "--reason", "lost");
    assertMatch(revoked.stdout, /^certificate [\dA-F]{32} of slipstream:\/\/north\/drone\/\.\.%2Fd%201\n$/);
    await run("issue", ...dir, "--drone", "../d 1");
    const lines = (await run("list", ...dir)).stdout.trimEnd().split("\n");
    assertEquals(lines.map((line) => line.split(" ")[0]), ["revoked", "valid", "valid", "valid"]);
    assertStringIncludes(lines[1]!, " server edge.example,localhost,127.0.0.1,::1");
    const [one] = (await run("list", ...dir, "--json")).stdout.split("\n").map((line) => JSON.parse(line || "null"));
    assertEquals([one.what, one.state], ["certificate", "revoked"]);
    const nobody = await run("revoke", ...dir, "--token", "of-somebody-else");
    assertEquals([nobody.code, nobody.stdout], [0, "nothing that was issued here and still counts\n"]);
    assertEquals((await run("rotate-tokens", ...dir)).code, 0);
    assertEquals(JSON.parse(rig.read("inner/tokens.jwks.json")).keys.length, 2);
  });

  it("binds a token to the public key in a file, and says so when that cannot be", async () => {
    await using rig = await PkiRig.create();
    const [key, none] = [rig.file("key.jwk"), rig.file("none.jwk")];
    const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    await Deno.writeTextFile(key, JSON.stringify({ kty: "OKP", crv: "Ed25519", x }));
    const bound = (file: string) => run("token", "--dir", rig.path, "--edge", "e-1", "--bind", file);
    // RFC 8037, appendix A.3.
    assertEquals(decodeJwt((await bound(key)).stdout).cnf, { jkt: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" });
    const { code, stdout, stderr } = await bound(none);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^Cannot do it: No such file [^\n]*none\.jwk'\n$/);
  });

  const DIR = "data/a-pki-that-is-not-there";
  for (
    const [args, told] of [
      [
        [],
        "Cannot run deno task pki: a command is needed: init, issue, token, key, rotate-tokens, revoke, list (see --help)",
      ],
      [["isue"], "Cannot run deno task pki: isue: no such command; the nearest is issue (see --help)"],
      [
        ["issue", "--dorne", "d"],
        "Cannot run deno task pki issue: --dorne: no such option; the nearest is --drone (see --help)",
      ],
      [
        ["issue"],
        "Cannot run deno task pki issue: one of --drone, --edge, --server is needed: none is given (see --help)",
      ],
      [
        ["revoke", "--drone", "d", "--token", "t"],
        "Cannot run deno task pki revoke: one of --drone, --edge, --person, --serial, --token is needed: " +
        "--drone and --token are given (see --help)",
      ],
      [
        ["issue", `--drone=${"x".repeat(65)}`],
        `Cannot run deno task pki issue: --drone=${"x".repeat(65)}: must be 1 to 64 bytes of UTF-8 (see --help)`,
      ],
      [
        ["issue", "--server", "a b"],
        "Cannot run deno task pki issue: --server=a b: must be host names or addresses, with commas between (see --help)",
      ],
      [
        ["token", "--drone", "d", "--minutes", "61"],
        "Cannot run deno task pki token: --minutes=61: must be a whole number from 1 to 60 (see --help)",
      ],
      [
        ["token", "--person", "p"],
        "Cannot run deno task pki token: --person needs --role viewer|operator|admin (see --help)",
      ],
      [
        ["token", "--drone", "d", "--role", "admin"],
        "Cannot run deno task pki token: --role goes with --person (see --help)",
      ],
      [
        ["revoke", "--serial", "xyz"],
        "Cannot run deno task pki revoke: --serial=xyz: must be up to 40 hexadecimal digits (see --help)",
      ],
      [
        ["init", "--fleet", "a/b"],
        "Cannot run deno task pki init: --fleet=a/b: must be 1 to 64 letters, digits, dashes, underscores, with single dots between (see --help)",
      ],
    ] as const
  ) {
    it(`refuses in one line, and does nothing: ${args.join(" ").slice(0, 60)}`, async () => {
      const { code, stdout, stderr } = await run(...args);
      assertEquals([code, stdout, stderr], [2, "", `${told}\n`]);
    });
  }

  it("says in one line what cannot be done", async () => {
    const { code, stdout, stderr } = await run("list", "--dir", DIR);
    const told = `Cannot use ${DIR}: there is no PKI in it; deno task pki init makes one\n`;
    assertEquals([code, stdout, stderr], [1, "", told]);
  });

  it("tells of each command's options with --help", async () => {
    const { code, stdout } = await run("issue", "--help");
    assertEquals(code, 0);
    assertMatch(stdout, /^Usage: deno task pki issue \[options\]\n/);
    assertMatch(stdout, /^ {2}--hours N .*\(24\)$/m);
  });
});
