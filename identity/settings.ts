// What is set about identities, alike for every process that lets somebody in.
import { isIP } from "../platform/ip.ts";
import { list, text } from "../platform/kinds.ts";
import type { Values } from "../platform/kinds.ts";
import { isLoopbackHost } from "../platform/hosts.ts";
import type { Rule } from "../platform/settings.ts";
import type { PeopleClaims } from "./people.ts";

/** For whom a token must be, by default. */
export const AUDIENCE = "slipstream";

const file = (about: string) => text({ fallback: null, placeholder: "FILE", shown: "none", about });

/** By plain HTTP anybody on the way could put his own keys in; and where it is asked for is in the log. */
function isPathOrAddress(where: string): boolean {
  if (!/^\w+:\/\//.test(where)) return true;
  const url = URL.parse(where);
  const isSafe = url?.protocol === "https:" || url?.protocol === "http:" && isLoopbackHost(url.host);
  return isSafe && url.username === "" && url.password === "";
}

const keys = (about: string) =>
  text({
    ...{ fallback: null, placeholder: "FILE|URL|{…}", shown: "none", about },
    fits: isPathOrAddress,
    must: "be the path of a file, an https:// address without a password in it, or the set itself",
  });

/** By variable. */
export const IDENTITY_SETTINGS = {
  SLIPSTREAM_TLS_CERT: file("PEM of its certificate and key: it ends TLS itself then"),
  SLIPSTREAM_TLS_KEY: file("PEM of that key, where it is apart"),
  SLIPSTREAM_TLS_CA: file("PEM of those whose certificates prove who somebody is"),
  SLIPSTREAM_TOKEN_KEYS: keys("the JSON Web Key Set by which tokens are proven, or where it is"),
  SLIPSTREAM_TOKEN_ISSUER: text({
    ...{ fallback: null, placeholder: "URL", shown: "slipstream://FLEET, of the fleet that it names" },
    about: "who must have signed a token",
  }),
  SLIPSTREAM_TOKEN_AUDIENCE: text({ fallback: AUDIENCE, about: "for whom it must be" }),
  SLIPSTREAM_PEOPLE_KEYS: keys("the key set of an OpenID Connect provider, which proves people's tokens"),
  SLIPSTREAM_PEOPLE_ISSUER: text({
    ...{ fallback: null, placeholder: "URL", shown: "none", about: "that provider, as its tokens name it" },
  }),
  SLIPSTREAM_PEOPLE_AUDIENCE: text({ fallback: null, shown: "none", about: "for whom its tokens must be" }),
  SLIPSTREAM_PEOPLE_NAME: text({ fallback: "sub", about: "the claim that has a person's name" }),
  SLIPSTREAM_PEOPLE_ROLE: text({ fallback: "roles", about: "the claim that has viewer, operator or admin in it" }),
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

const PEOPLE = ["SLIPSTREAM_PEOPLE_KEYS", "SLIPSTREAM_PEOPLE_ISSUER", "SLIPSTREAM_PEOPLE_AUDIENCE"] as const;

type Read = Values<typeof IDENTITY_SETTINGS>;

/** How somebody proves who they are. */
export interface IdentityConfig {
  /** Paths. Null: TLS ends elsewhere. */
  tls: { certificatePath: string; keyPath: string } | null;
  /** Paths; null: nobody proves anything by that. */
  ca: string | null;
  revoked: string | null;
  tokens: { keys: string; issuer: string | null; audience: string } | null;
  /** Those of a provider that knows people only. */
  people: { keys: string; issuer: string; audience: string; claims: PeopleClaims } | null;
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
    people: peopleConfig(read),
    fleets: new Set(read.SLIPSTREAM_TRUSTED_FLEETS),
    proxies: new Set(read.SLIPSTREAM_PROXIES),
  };
}

function peopleConfig(read: Read): IdentityConfig["people"] {
  const [keys, issuer, audience] = [
    read.SLIPSTREAM_PEOPLE_KEYS,
    read.SLIPSTREAM_PEOPLE_ISSUER,
    read.SLIPSTREAM_PEOPLE_AUDIENCE,
  ];
  if (keys === null || issuer === null || audience === null) return null;
  return { keys, issuer, audience, claims: { name: read.SLIPSTREAM_PEOPLE_NAME, role: read.SLIPSTREAM_PEOPLE_ROLE } };
}

function isSet(read: Read): boolean {
  return [read.SLIPSTREAM_TLS_CA, read.SLIPSTREAM_TOKEN_KEYS, read.SLIPSTREAM_PEOPLE_KEYS].some((of) => of !== null);
}

/** By loopback nobody comes from elsewhere. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** What makes no sense without something else; `hostName`: the variable that says where the process listens. */
export function identityRules<Name extends string>(hostName: Name): Rule<Read & Record<Name, string>>[] {
  const proven =
    "needs SLIPSTREAM_TLS_CA, SLIPSTREAM_TOKEN_KEYS or SLIPSTREAM_PEOPLE_KEYS, by which somebody proves who they are";
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
    {
      name: "SLIPSTREAM_PEOPLE_KEYS",
      isBroken: (read) => PEOPLE.some((name) => read[name] === null) && PEOPLE.some((name) => read[name] !== null),
      needs: "goes with SLIPSTREAM_PEOPLE_ISSUER and SLIPSTREAM_PEOPLE_AUDIENCE: all of them, or none",
    },
    {
      name: "SLIPSTREAM_PEOPLE_ISSUER",
      isBroken: (read) =>
        read.SLIPSTREAM_PEOPLE_ISSUER !== null && read.SLIPSTREAM_PEOPLE_ISSUER === read.SLIPSTREAM_TOKEN_ISSUER,
      needs: "must not be SLIPSTREAM_TOKEN_ISSUER: who signs a token says by whose keys it is proven",
    },
    { name: "SLIPSTREAM_REVOKED", isBroken: (read) => read.SLIPSTREAM_REVOKED !== null && !isSet(read), needs: proven },
    {
      name: "SLIPSTREAM_PROXIES",
      isBroken: (read) => read.SLIPSTREAM_PROXIES.length > 0 && !isSet(read),
      needs: proven,
    },
  ];
}

/** Where a platform ends TLS, and is asked by everybody. */
export const HOSTED_RULES: Rule<Read>[] = [
  {
    name: "SLIPSTREAM_TOKEN_KEYS",
    isBroken: ({ SLIPSTREAM_TOKEN_KEYS: keys }) => keys === null,
    needs: "must be set: here anybody can connect, and only a token proves who somebody is",
  },
  ...(["SLIPSTREAM_TLS_CERT", "SLIPSTREAM_TLS_KEY", "SLIPSTREAM_TLS_CA"] as const).map((name) => ({
    name,
    isBroken: (read: Read) => read[name] !== null,
    needs: "must not be set: the platform ends TLS",
  })),
  {
    name: "SLIPSTREAM_PROXIES",
    isBroken: ({ SLIPSTREAM_PROXIES: proxies }) => proxies.length > 0,
    needs: "must not be set: the platform ends TLS",
  },
];
