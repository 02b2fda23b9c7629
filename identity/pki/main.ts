// deno task pki: a small certificate authority, to start with.
import { runProgram, subcommand } from "../../platform/subcommands.ts";
import * as cli from "./options.ts";
import { createPki, Pki } from "./pki.ts";
import { thumbprintOf } from "./tokens.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

const now = () => Date.now();

async function init({ dir, fleet }: cli.InitOptions): Promise<void> {
  for (const path of await createPki(dir, { fleet, nowMs: now() })) console.log(path);
}

async function issue({ dir, hours, server, ...whose }: cli.IssueOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  const subject = cli.subjectOf(whose);
  const names = [...new Set([...server ?? [], ...LOOPBACK_NAMES])];
  console.log(subject ? await pki.issueTo(subject, { hours }) : await pki.issueToServer(names, { hours }));
}

async function token({ dir, role, bind, minutes, audience, ...whose }: cli.TokenOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  const boundTo = bind === null ? null : await thumbprintOf(await Deno.readTextFile(bind));
  const subject = cli.subjectOf(whose)!;
  console.log(await pki.issueToken({ ...subject, role, boundTo, minutes, audience }));
}

async function key({ dir, ...whose }: cli.KeyOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  console.log(await pki.issueKey(cli.subjectOf({ drone: null, ...whose })!));
}

async function rotateTokens({ dir, leaked }: cli.RotateOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  console.log(await pki.rotateTokens({ isLeaked: leaked }));
}

async function revoke({ dir, serial, token, reason, ...whose }: cli.RevokeOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  const subject = cli.subjectOf(whose);
  const revoked = subject ? pki.allOf(subject) : cli.revokedBy({ serial, token });
  const ended = await pki.revoke(revoked, { reason });
  for (const { what, id, subject } of ended) console.log(`${what} ${id} of ${subject}`);
  if (ended.length === 0) console.log("nothing that was issued here and still counts");
  // What it is issued next counts from the next second on: nobody has to know.
  if (revoked.what === "identity") await new Promise((resolve) => setTimeout(resolve, revoked.beforeS * 1000 - now()));
}

async function list({ dir, json }: cli.ListOptions): Promise<void> {
  using pki = await Pki.open(dir, { now });
  for (const one of pki.list()) {
    const until = new Date(one.untilS * 1000).toISOString();
    console.log(json ? JSON.stringify(one) : `${one.state.padEnd(7)} ${until} ${one.what} ${one.id} ${one.subject}`);
  }
}

const program = {
  ...cli.PROGRAM,
  commands: {
    init: subcommand(cli.INIT, init),
    issue: subcommand(cli.ISSUE, issue),
    token: subcommand(cli.TOKEN, token),
    key: subcommand(cli.KEY, key),
    "rotate-tokens": subcommand(cli.ROTATE_TOKENS, rotateTokens),
    revoke: subcommand(cli.REVOKE, revoke),
    list: subcommand(cli.LIST, list),
  },
};

try {
  await runProgram(program);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // Ours say what cannot be done; those of the file system say why alone.
  const { message } = error;
  console.error(message.startsWith("Cannot ") ? message : `Cannot do it: ${message}`);
  Deno.exit(1);
}
