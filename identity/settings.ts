// What is set about identities, alike for every process that lets somebody in.
import { isIP } from "node:net";
import { list, text } from "../platform/kinds.ts";
import type { Values } from "../platform/kinds.ts";
import type { Rule } from "../platform/settings.ts";

/** For whom a token must be, by default. */
export const AUDIENCE = "slipstream";

const file = (about: string) => text({ fallback: null, placeholder: "FILE", shown: "none", about });

/** By variable. */
export const IDENTITY_SETTINGS = {
  SLIPSTREAM_TLS_CERT: file("PEM of its certificate and key: it ends TLS itself then"),
  SLIPSTREAM_TLS_KEY: file("PEM of that key, where it is apart"),
  SLIPSTREAM_TLS_CA: file("PEM of those whose certificates prove who somebody is"),
  SLIPSTREAM_TOKEN_KEYS: text({
    ...{
      fallback: null,
      placeholder: "FILE|URL",
      shown: "none",
      about: "the JSON Web Key Set by which tokens are proven",
    },
    fits: (where) => !/^\w+:\/\//.test(where) || /^https?:\/\/./.test(where) && URL.canParse(where),
    must: "be the path of a file, or an https:// address",
  }),
  SLIPSTREAM_TOKEN_ISSUER: text({
    ...{ fallback: null, placeholder: "URL", shown: "slipstream://FLEET, of the fleet that it names" },
    about: "who must have signed a token",
  }),
  SLIPSTREAM_TOKEN_AUDIENCE: text({ fallback: AUDIENCE, about: "for whom it must be" }),
  SLIPSTREAM_REVOKED: file("the list of what proves nothing any more"),
  SLIPSTREAM_TRUSTED_FLEETS: list({ fallback: [], shown: "any", about: "fleets whose members are let in" }),
  SLIPSTREAM_PROXIES: list({
    ...{
      fallback: [],
      shown: "none",
      placeholder: "ADDRESS,…",
      about: "who ends TLS in front of it",
    },
    fits: (address) => isIP(address) !== 0,
    must: "be IP addresses, with commas between",
  }),
};

type Read = Values<typeof IDENTITY_SETTINGS>;

/** How somebody proves who they are. */
export interface IdentityConfig {
  /** Paths. Null: TLS ends elsewhere. */
  tls: { certificatePath: string; keyPath: string } | null;
  /** Paths; null: nobody proves anything by that. */
  ca: string | null;
  revoked: string | null;
  tokens: { keys: string; issuer: string | null; audience: string } | null;
  fleets: ReadonlySet<string>;
  proxies: ReadonlySet<string>;
}

/** Null: nobody must prove anything. */
export function identityConfig(read: Read): IdentityConfig | null {
  const { SLIPSTREAM_TLS_CERT: cert, SLIPSTREAM_TOKEN_KEYS: keys } = read;
  if (!isSet(read)) return null;
  return {
    tls: cert === null ? null : { certificatePath: cert, keyPath: read.SLIPSTREAM_TLS_KEY ?? cert },
    ca: read.SLIPSTREAM_TLS_CA,
    revoked: read.SLIPSTREAM_REVOKED,
    tokens: keys === null
      ? null
      : { keys, issuer: read.SLIPSTREAM_TOKEN_ISSUER, audience: read.SLIPSTREAM_TOKEN_AUDIENCE },
    fleets: new Set(read.SLIPSTREAM_TRUSTED_FLEETS),
    proxies: new Set(read.SLIPSTREAM_PROXIES),
  };
}

function isSet({ SLIPSTREAM_TLS_CA: ca, SLIPSTREAM_TOKEN_KEYS: keys }: Read): boolean {
  return ca !== null || keys !== null;
}

/** By loopback nobody comes from elsewhere. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** What makes no sense without something else; `hostName`: the variable that says where the process listens. */
export function identityRules<Name extends string>(hostName: Name): Rule<Read & Record<Name, string>>[] {
  const proven = "needs SLIPSTREAM_TLS_CA or SLIPSTREAM_TOKEN_KEYS, by which somebody proves who they are";
  return [
    {
      name: hostName,
      isBroken: (read) => !isLoopback(read[hostName]) && !isSet(read),
      needs: `must be a loopback address such as 127.0.0.1, or ${proven}`,
    },
    {
      name: hostName,
      isBroken: (read) =>
        !isLoopback(read[hostName]) && isSet(read) && read.SLIPSTREAM_TLS_CERT === null &&
        read.SLIPSTREAM_PROXIES.length === 0,
      needs:
        "needs SLIPSTREAM_TLS_CERT, or SLIPSTREAM_PROXIES in front of it: proofs must not cross a network in the clear",
    },
    {
      name: "SLIPSTREAM_TLS_KEY",
      isBroken: (read) => read.SLIPSTREAM_TLS_KEY !== null && read.SLIPSTREAM_TLS_CERT === null,
      needs: "needs SLIPSTREAM_TLS_CERT",
    },
    {
      name: "SLIPSTREAM_TLS_CERT",
      isBroken: (read) => read.SLIPSTREAM_TLS_CERT !== null && !isSet(read),
      needs: proven,
    },
    {
      name: "SLIPSTREAM_TLS_CA",
      isBroken: (read) =>
        read.SLIPSTREAM_TLS_CA !== null && read.SLIPSTREAM_TLS_CERT === null && read.SLIPSTREAM_PROXIES.length === 0,
      needs: "needs SLIPSTREAM_TLS_CERT, or SLIPSTREAM_PROXIES: only who ends TLS sees a certificate",
    },
    { name: "SLIPSTREAM_REVOKED", isBroken: (read) => read.SLIPSTREAM_REVOKED !== null && !isSet(read), needs: proven },
    {
      name: "SLIPSTREAM_PROXIES",
      isBroken: (read) => read.SLIPSTREAM_PROXIES.length > 0 && !isSet(read),
      needs: proven,
    },
  ];
}
