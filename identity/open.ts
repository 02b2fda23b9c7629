// The gate of a process, out of its settings.
import type { TlsSettings } from "../platform/server/tls.ts";
import type { Platform } from "../platform/system.ts";
import { Certificates } from "./certificates.ts";
import { Denials } from "./denials.ts";
import { Gate, OPEN_GATE } from "./gate.ts";
import { checkKeySet, KeySet } from "./key_set.ts";
import { parseRevocationList } from "./revocation_list.ts";
import { Revocations } from "./revocations.ts";
import { ownIssuer } from "./own_claims.ts";
import { peopleIssuer } from "./people.ts";
import { AUDIENCE, type IdentityConfig } from "./settings.ts";
import { Source, type SourceParts } from "./source.ts";
import { type Issuer, Tokens } from "./tokens.ts";

/** Of people whose token names none, where no fleet is set. */
const OWN_FLEET = "own";

export interface OpenParts {
  platform: Pick<Platform, "now" | "clock" | "every" | "log">;
  /** Addresses of many: see Gate. */
  shared: ReadonlySet<string>;
  /** Where no keys of tokens are set it signs some itself, for people. */
  signsOwn?: boolean;
}

/** As long as it is open, what it reads is read again as it changes. */
export interface Entrance extends Pick<Gate, "admit" | "hold" | "note" | "denied"> {
  /** Who was not let in: to be taken away and told. */
  denials: Pick<Denials, "take">;
  /** The first token of somebody who may do everything, where nobody else signs any. */
  adminToken: string | null;
  /** How a server in front of the gate ends TLS; null: it does not. */
  tls: TlsSettings | null;
  /** Until when that server's certificate is valid, Unix ms; null before it listens, and without one. */
  readonly certificateUntilMs: number | null;
  close: () => void;
}

/** @throws {Error} when a file or an address cannot be read, or makes no sense */
export async function openGate(
  config: IdentityConfig | null,
  { platform, shared, signsOwn = false }: OpenParts,
): Promise<Entrance> {
  const denials = new Denials();
  if (!config) return { ...OPEN_GATE, denials, adminToken: null, tls: null, certificateUntilMs: null, close: () => {} };
  const { ca, tokens, people, revoked, fleets, proxies } = config;
  const nowMs = platform.now;
  using opened = new DisposableStack();
  const open = async (of: Pick<SourceParts, "name" | "where" | "check" | "isList">) =>
    opened.adopt(await Source.open({ ...platform, ...of }), (source) => source.close());
  const authorities = ca === null
    ? null
    : await open({ name: "the authorities", where: ca, check: checkPem, isList: true });
  const fleet = [...fleets][0] ?? OWN_FLEET;
  const own = tokens || people || !signsOwn ? null : await signOwn(fleet, nowMs());
  const openKeys = async (name: string, where: string) =>
    new KeySet(await open({ name, where, check: checkKeySet, isList: false }), nowMs);
  const issuers: Issuer[] = [];
  if (tokens) issuers.push(ownIssuer({ ...tokens, fleets, keys: await openKeys("the token keys", tokens.keys) }));
  if (own) issuers.push(ownIssuer({ issuer: null, audience: AUDIENCE, fleets, keys: new KeySet(own.keys, nowMs) }));
  if (people) issuers.push(peopleIssuer({ ...people, fleet, keys: await openKeys("the people's keys", people.keys) }));
  const list = revoked === null ? null : await open({
    name: "the revocations",
    where: revoked,
    check: (text) => void parseRevocationList(text),
    isList: true,
  });
  const gate = opened.adopt(
    new Gate({
      certificates: authorities && new Certificates({ fleets, nowMs, authorities: () => authorities.text }),
      tokens: issuers.length > 0 ? new Tokens({ issuers, nowMs }) : null,
      revocations: list && new Revocations(list),
      ...{ proxies, shared, platform, onDenied: (denied) => denials.note(denied) },
    }),
    (gate) => gate.close(),
  );
  const all = opened.move();
  let certificateUntilMs: number | null = null;
  const onValidUntil = (ms: number) => void (certificateUntilMs = ms);
  return {
    admit: (asking, action) => gate.admit(asking, action),
    hold: (identity, end) => gate.hold(identity, end),
    note: (reason, who) => gate.note(reason, who),
    denied: gate.denied,
    denials,
    adminToken: own?.adminToken ?? null,
    // Who may prove it by a token need not have a certificate.
    tls: config.tls && { ...config.tls, caPath: ca, certificateOptional: issuers.length > 0, now: nowMs, onValidUntil },
    get certificateUntilMs() {
      return certificateUntilMs;
    },
    close: () => all.dispose(),
  };
}

/** What signs is loaded where it is needed. */
async function signOwn(fleet: string, nowMs: number) {
  const { ownTokens } = await import("./own_tokens.ts");
  return await ownTokens({ fleet, audience: AUDIENCE, nowMs });
}

function checkPem(text: string): void {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new TypeError("there is no certificate in it");
}
