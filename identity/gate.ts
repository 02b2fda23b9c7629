// The one place that decides who is let in: sockets and requests ask here, once each, whatever they speak. Who was let in
// is let go when the proof ends or is revoked.
import QuickLRU from "quick-lru";
import type { Platform } from "../platform/system.ts";
import { networkOf, type Peer } from "../platform/server/peer.ts";
import { Binding } from "./binding.ts";
import type { Certificates } from "./certificates.ts";
import { type Action, ANYONE, DENIAL_REASONS, type DenialReason, type Denied, type Identity } from "./identity.ts";
import { proofOf } from "./proofs.ts";
import type { Revocations } from "./revocations.ts";
import type { Tokens } from "./tokens.ts";

export interface GateParts {
  certificates: Certificates | null;
  tokens: Tokens | null;
  revocations: Revocations | null;
  proxies: ReadonlySet<string>;
  /** Addresses of many, as a load balancer's: one who fails there must not shut the others out. Proxies are such as well. */
  shared: ReadonlySet<string>;
  platform: Pick<Platform, "now" | "clock" | "every">;
  /** Somebody was not let in, or let go; `who`: a URI, or an address. */
  onDenied: (event: { reason: DenialReason; who: string }) => void;
}

/** What asks to be let in. */
export interface Asking {
  method: string;
  path: string;
  headers: Headers;
  peer: Peer;
}

/** What is not let in, with what the answer must have in its headers. */
export interface Refused extends Denied {
  headers: Record<string, string>;
}

/** Somebody who was let in, in the order in which they came. */
interface Held {
  identity: Identity;
  end: (why: string) => void;
}

const SWEEP_MS = 1000;
/** Of one identity: one that renews its proof has two for a moment, one that vanished without a word some more. */
const CONNECTIONS_MAX = 8;
/** Edges of one configuration share a proof: all of a node, as many as a platform makes of it. */
const UPLINKS_MAX = 128;
/** Failures of one address, or of one subscriber's: more are not even looked at. */
const FAILURES = { max: 50, forgivenPerS: 5 };
const ADDRESSES_MAX = 10_000;

export class Gate {
  readonly #parts: GateParts;
  readonly #binding: Binding;
  /** By URI. */
  readonly #held = new Map<string, Set<Held>>();
  readonly #failures = new QuickLRU<string, { count: number; atMs: number }>({ maxSize: ADDRESSES_MAX });
  readonly #cancel: () => void;
  /** How many were not let in, or let go, by reason. */
  readonly denied = Object.fromEntries(DENIAL_REASONS.map((reason) => [reason, 0])) as Record<DenialReason, number>;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#binding = new Binding(parts.platform.now);
    this.#cancel = parts.platform.every(SWEEP_MS, () => this.#sweep());
  }

  /** Who asks, if they may do that. */
  async admit(asking: Asking, action: Action): Promise<Identity | Refused> {
    const { address } = asking.peer;
    if (this.#fails(address)) {
      return this.#refuse(
        { status: 429, reason: "too-often", error: "Cannot look at that: too many failures" },
        address,
      );
    }
    const identity = await this.#identify(asking);
    if ("error" in identity) {
      // Who has a good token and no proof of its key yet is asked for that: it is how everybody with such a token comes.
      if (!isAsked(identity, asking)) this.#failed(address);
      return this.#refuse(identity, address);
    }
    if (this.#parts.revocations?.revokes(identity)) {
      return this.#refuse(
        { status: 401, reason: "revoked", error: "Cannot believe the proof: it was revoked" },
        identity.uri,
      );
    }
    if (identity.actions.has(action)) return identity;
    const error = `Cannot let ${identity.uri} do that: it may not ${action}`;
    return this.#refuse({ status: 403, reason: "not-allowed", error }, identity.uri);
  }

  /**
   * As long as it is connected: `end` is called once, when its proof ends or is revoked, or when it has come too often since.
   * @returns to be called when it has gone
   */
  hold(identity: Identity, end: (why: string) => void): () => void {
    const held = { identity, end };
    const same = this.#held.get(identity.uri) ?? new Set();
    this.#held.set(identity.uri, same.add(held));
    const [oldest] = same;
    if (same.size > (identity.actions.has("uplink") ? UPLINKS_MAX : CONNECTIONS_MAX)) {
      this.#end(oldest!, { reason: "too-often", why: "Too many connections prove the same" });
    }
    return () => this.#drop(held);
  }

  /** One who was let in did what it may not. */
  note(reason: DenialReason, who: string): void {
    this.denied[reason]++;
    this.#parts.onDenied({ reason, who });
  }

  close(): void {
    this.#cancel();
  }

  async #identify({ headers, method, path, peer }: Asking): Promise<Identity | Denied> {
    const { certificates, tokens, proxies } = this.#parts;
    const proof = proofOf(headers, { peer, proxies });
    if (proof.kind === "stranger") {
      return { status: 401, reason: "stranger", error: "Cannot believe the header: it is of no proxy of ours" };
    }
    if (proof.kind === "certificate" && certificates) return await certificates.identify(proof.der);
    if (proof.kind === "forwarded" && certificates) return await certificates.identifyForwarded(proof.certificate);
    if (proof.kind !== "token" || !tokens) {
      return { status: 401, reason: "no-proof", error: `Cannot let you in: ${this.#wanted()}` };
    }
    const proven = await tokens.identify(proof.token);
    if ("error" in proven) return proven;
    const { identity, boundTo } = proven;
    if (boundTo === null) return identity;
    const request = { method, path, proof: headers.get("dpop") ?? undefined, token: proof.token };
    if (await this.#binding.holds(boundTo, request)) return identity;
    return {
      status: 401,
      reason: "not-bound",
      error: "Cannot believe the token: sign the nonce by the key that it is bound to",
    };
  }

  #wanted(): string {
    const { certificates, tokens } = this.#parts;
    return [certificates && "show a certificate", tokens && "bring a token"].filter(Boolean).join(", or ");
  }

  #refuse(denied: Denied, who: string): Refused {
    this.note(denied.reason, who);
    const headers: Record<string, string> = denied.status === 429 ? { "retry-after": "10" } : {};
    if (denied.status === 401) headers["www-authenticate"] = "Bearer";
    if (denied.reason === "not-bound") {
      headers["www-authenticate"] = 'DPoP error="use_dpop_nonce"';
      headers["dpop-nonce"] = this.#binding.nonce;
    }
    return { ...denied, headers };
  }

  #fails(address: string): boolean {
    const { shared, proxies } = this.#parts;
    const failures = this.#failures.get(networkOf(address));
    if (!failures || shared.has(address) || proxies.has(address)) return false;
    const forgiven = (this.#parts.platform.clock() - failures.atMs) / 1000 * FAILURES.forgivenPerS;
    return failures.count - forgiven >= FAILURES.max;
  }

  #failed(address: string): void {
    const [nowMs, network] = [this.#parts.platform.clock(), networkOf(address)];
    const { count = 0, atMs = nowMs } = this.#failures.get(network) ?? {};
    const left = Math.max(0, count - (nowMs - atMs) / 1000 * FAILURES.forgivenPerS);
    this.#failures.set(network, { count: left + 1, atMs: nowMs });
  }

  #sweep(): void {
    const { platform, revocations, tokens } = this.#parts;
    const nowMs = platform.now();
    for (const held of [...this.#held.values()].flatMap((same) => [...same])) {
      if (held.identity.expiresMs <= nowMs) {
        this.#end(held, { reason: "expired", why: "The proof of who you are has ended" });
      } else if (revocations?.revokes(held.identity)) {
        this.#end(held, { reason: "revoked", why: "The proof of who you are was revoked" });
      } else if (held.identity.signer !== null && !tokens?.believes(held.identity.signer)) {
        this.#end(held, { reason: "revoked", why: "The key that signed the proof of who you are was taken away" });
      }
    }
  }

  #end(held: Held, { reason, why }: { reason: DenialReason; why: string }): void {
    this.#drop(held);
    this.note(reason, held.identity.uri);
    held.end(why);
  }

  #drop(held: Held): void {
    const same = this.#held.get(held.identity.uri);
    if (same?.delete(held) && same.size === 0) this.#held.delete(held.identity.uri);
  }
}

function isAsked({ reason }: Denied, { headers }: Asking): boolean {
  return reason === "not-bound" && !headers.has("dpop");
}

/** Where nobody must prove anything. */
export const OPEN_GATE: Pick<Gate, "admit" | "hold" | "note" | "denied"> = {
  admit: () => Promise.resolve(ANYONE),
  hold: () => () => {},
  note: () => {},
  denied: Object.fromEntries(DENIAL_REASONS.map((reason) => [reason, 0])) as Record<DenialReason, number>,
};
