// How drones come to a system: without a proof on plain TCP, by a token over TLS, or by a certificate over TLS.
import type { DemoIdentity } from "../../sim/demo_identity.ts";
import type { ProofKind } from "../../sim/fleet_proofs.ts";

export const WAYS = ["plain", "token", "mTLS"] as const;
export type Way = typeof WAYS[number];

/** What a drone shows that comes that way; null: nothing. */
export const SHOWN: Record<Way, ProofKind | null> = { plain: null, token: "token", mTLS: "certificate" };

/** Settings of an edge to which drones come that way, and no other. */
export function edgeEnvOf(way: Way, { edgeEnv }: Pick<DemoIdentity, "edgeEnv">): Record<string, string> {
  if (way === "plain") return {};
  const { SLIPSTREAM_TLS_CA, ...others } = edgeEnv;
  return way === "token" ? others : { ...others, SLIPSTREAM_TLS_CA: SLIPSTREAM_TLS_CA! };
}
