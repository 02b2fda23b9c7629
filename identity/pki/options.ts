// The command lines of `deno task pki`.
import { isIP } from "node:net";
import { list, oneOf, text, type Values, whole } from "../../platform/kinds.ts";
import { flag } from "../../platform/options.ts";
import { isNote, isTokenId, type Revoked, serialOf } from "../revocation_list.ts";
import { isFleet, isId } from "../uri.ts";
import type { Subject } from "./pki.ts";
import { TOKEN_MINUTES_MAX } from "./signing_keys.ts";
import { ROLES } from "./tokens.ts";

const HOURS_MAX = 366 * 24;

const dir = text({ fallback: "data/pki", placeholder: "PATH", about: "the PKI's folder" });
const idOf = (whose: string) =>
  text({
    ...{ fallback: null, placeholder: "ID", about: `of the ${whose} with that id` },
    ...{ fits: isId, must: "be 1 to 64 bytes of UTF-8" },
  });
const drone = idOf("drone");
const edge = idOf("edge");
const person = { ...idOf("person"), placeholder: "NAME", about: "of the person with that name" };

export const PROGRAM = {
  name: "deno task pki",
  about:
    "A small certificate authority: certificates and tokens of drones, edges, servers and people, and their revocation.",
};

export const INIT = {
  name: `${PROGRAM.name} init`,
  about: "Makes a root certificate, a key that signs tokens, and their files; overwrites nothing.",
  options: {
    dir,
    fleet: text({
      ...{ fallback: "fleet", placeholder: "NAME", about: "whose drones, edges and people they are" },
      ...{ fits: isFleet, must: "be 1 to 64 letters, digits, dashes, underscores, with single dots between" },
    }),
  },
};

export const ISSUE = {
  name: `${PROGRAM.name} issue`,
  about:
    "A new key and its certificate, in one file, for a drone, an edge's uplink or a server; prints the file's path.",
  options: {
    ...{ dir, drone, edge },
    server: list({
      ...{ fallback: null, shown: "", placeholder: "NAME,…", fits: isServerName },
      about: "of the server with these names and addresses, with commas between; those of loopback are added",
      must: "be host names or addresses, with commas between",
    }),
    hours: whole({ fallback: 24, max: HOURS_MAX, about: "it ends after that" }),
  },
  rules: ({ drone, edge, server }: Record<"drone" | "edge" | "server", unknown>) => exactlyOne({ drone, edge, server }),
};

export const TOKEN = {
  name: `${PROGRAM.name} token`,
  about: "A token (EdDSA JWT) that proves for a while who its bearer is; prints it, and nothing else.",
  options: {
    ...{ dir, drone, edge, person },
    role: oneOf(ROLES, { fallback: null, placeholder: ROLES.join("|"), about: "what a person may do" }),
    minutes: whole({ fallback: 60, max: TOKEN_MINUTES_MAX, about: "it ends after that" }),
    audience: text({ fallback: "slipstream", placeholder: "NAME", about: "for whom it is" }),
    bind: text({ fallback: null, placeholder: "FILE", about: "public key (JWK) that its bearer must prove to have" }),
  },
  rules: ({ drone, edge, person, role }: Record<"drone" | "edge" | "person" | "role", unknown>) => [
    ...exactlyOne({ drone, edge, person }),
    ...person !== null && role === null ? [`--person needs --role ${ROLES.join("|")}`] : [],
    ...person === null && role !== null ? ["--role goes with --person"] : [],
  ],
};

export const KEY = {
  name: `${PROGRAM.name} key`,
  about: "The key by which an edge signs its own tokens, where nobody can bring it any; prints it, and nothing else.",
  options: { dir, edge },
  rules: ({ edge }: Record<"edge", unknown>) => exactlyOne({ edge }),
};

export const ROTATE_TOKENS = {
  name: `${PROGRAM.name} rotate-tokens`,
  about: "A new key for tokens; the one before is believed until its tokens have ended.",
  options: { dir, leaked: flag("the key before is believed no more: each of its tokens ends now") },
};

export const REVOKE = {
  name: `${PROGRAM.name} revoke`,
  about: "Ends what was issued before its time: all that an identity has got so far, one certificate, or one token.",
  options: {
    ...{ dir, drone, edge, person },
    serial: text({
      ...{ fallback: null, placeholder: "HEX", about: "of the certificate with that serial number" },
      ...{ fits: (hex: string) => serialOf(hex) !== null, must: "be up to 40 hexadecimal digits" },
    }),
    token: text({
      ...{ fallback: null, placeholder: "JTI", about: "of the token with that id" },
      ...{ fits: isTokenId, must: "be up to 256 visible ASCII characters, not # first" },
    }),
    reason: text({ fallback: "", about: "why, for people", fits: isNote, must: "be without control characters" }),
  },
  rules: (
    { drone, edge, person, serial, token }: Record<"drone" | "edge" | "person" | "serial" | "token", unknown>,
  ) => exactlyOne({ drone, edge, person, serial, token }),
};

export const LIST = {
  name: `${PROGRAM.name} list`,
  about: "What was issued, until when, and whether it counts; what ended a week ago is not told any more.",
  options: { dir, json: flag("one JSON object a line") },
};

export type InitOptions = Values<typeof INIT.options>;
export type IssueOptions = Values<typeof ISSUE.options>;
export type TokenOptions = Values<typeof TOKEN.options>;
export type KeyOptions = Values<typeof KEY.options>;
export type RotateOptions = Values<typeof ROTATE_TOKENS.options>;
export type RevokeOptions = Values<typeof REVOKE.options>;
export type ListOptions = Values<typeof LIST.options>;

/** Whom a command line means; null: nobody. */
export function subjectOf(
  { drone, edge, person = null }: { drone: string | null; edge: string | null; person?: string | null },
): Subject | null {
  if (drone !== null) return { kind: "drone", id: drone };
  if (edge !== null) return { kind: "edge", id: edge };
  return person === null ? null : { kind: "person", id: person };
}

/** The certificate or the token that a command line means. */
export function revokedBy({ serial, token }: { serial: string | null; token: string | null }): Revoked {
  if (serial !== null) return { what: "certificate", serial: serialOf(serial)! };
  return { what: "token", jti: token! };
}

function exactlyOne(choices: Record<string, unknown>): string[] {
  const given = Object.keys(choices).filter((name) => choices[name] !== null);
  if (given.length === 1) return [];
  const names = Object.keys(choices).map((name) => `--${name}`);
  const told = given.length === 0 ? "none is given" : `${given.map((name) => `--${name}`).join(" and ")} are given`;
  return [`one of ${names.join(", ")} is needed: ${told}`];
}

/** Can be in a certificate: an address, or a host name whose first label may be a star. */
function isServerName(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return text.length <= 253 &&
    /^(\*\.)?([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?\.)*[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i.test(text);
}
