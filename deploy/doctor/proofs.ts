// In whose name is asked, and who flies: by tokens in files, by a PKI's own, or by none.
import { join } from "node:path";
import { decodeJwt } from "jose";
import { FILES } from "../../identity/pki/files.ts";
import { Pki } from "../../identity/pki/pki.ts";
import { parseIdentityUri } from "../../identity/uri.ts";
import { UsageError } from "../../platform/options.ts";
import { PROBE_PREFIX } from "../../proto/words.ts";
import type { DoctorOptions } from "./options.ts";
import type { ProbeProof } from "./pair.ts";

export interface Proofs {
  token: string | null;
  /** PEM. */
  ca: string | null;
  probes: readonly [ProbeProof, ProbeProof] | { none: string };
}

type Ids = readonly [string, string];

const TERMS = { audience: "slipstream", minutes: 10, boundTo: null };

/** `run`: names this run, so that no other flies the same drones. @throws {UsageError} when a file cannot be read, or names somebody else */
export async function proofsOf(
  options: DoctorOptions,
  { now, run }: { now: () => number; run: string },
): Promise<Proofs> {
  const { pki, token, ca, "drone-token": droneTokens, "without-probe": withoutProbe } = options;
  const ids: Ids = [`${PROBE_PREFIX}${run}-1`, `${PROBE_PREFIX}${run}-2`];
  const found = pki === null ? await read({ token, ca, droneTokens, ids }) : await issue(pki, { now, ids });
  return withoutProbe ? { ...found, probes: { none: "nobody flies, as it was asked for" } } : found;
}

interface Given {
  token: string | null;
  ca: string | null;
  droneTokens: readonly string[];
  /** Of drones without a token. */
  ids: Ids;
}

async function read({ token, ca, droneTokens, ids }: Given): Promise<Proofs> {
  const pem = ca === null ? null : await textOf(ca);
  const tls = pem === null ? {} : { tls: { ca: pem } };
  const viewer = token === null ? null : (await textOf(token)).trim();
  const [first, second] = await Promise.all(droneTokens.map((path) => droneOf(path)));
  if (first && second) {
    if (first.droneId === second.droneId) throw new UsageError(`--drone-token: both are of ${first.droneId}`);
    return { token: viewer, ca: pem, probes: [{ ...first, ...tls }, { ...second, ...tls }] };
  }
  if (viewer !== null) {
    return { token: viewer, ca: pem, probes: { none: "no tokens for probes: --drone-token, twice" } };
  }
  return { token: null, ca: pem, probes: [{ droneId: ids[0], ...tls }, { droneId: ids[1], ...tls }] };
}

async function droneOf(path: string): Promise<ProbeProof> {
  const token = (await textOf(path)).trim();
  const named = parseIdentityUri(subjectOf(token));
  if (named?.kind !== "drone" || !named.id.startsWith(PROBE_PREFIX)) {
    throw new UsageError(`--drone-token=${path}: it is of no drone whose id begins with ${PROBE_PREFIX}`);
  }
  return { droneId: named.id, token: () => token };
}

function subjectOf(token: string): string {
  try {
    return decodeJwt(token).sub ?? "";
  } catch (error) {
    if (error instanceof Error) return "";
    throw error;
  }
}

async function issue(folder: string, { now, ids }: { now: () => number; ids: Ids }): Promise<Proofs> {
  using pki = await opened(folder, now);
  const [token = "", ...drones] = await pki.issueTokens([
    { ...TERMS, kind: "person", id: "doctor", role: "viewer" },
    ...ids.map((id) => ({ ...TERMS, kind: "drone" as const, id, role: null })),
  ]);
  const ca = await textOf(join(folder, FILES.root));
  const probe = (i: 0 | 1): ProbeProof => ({ droneId: ids[i], token: () => drones[i] ?? "", tls: { ca } });
  return { token, ca, probes: [probe(0), probe(1)] };
}

async function opened(folder: string, now: () => number): Promise<Pki> {
  try {
    return await Pki.open(folder, { now });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`--pki=${folder}: ${error.message}`, { cause: error });
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot read ${path}: ${error.message}`, { cause: error });
  }
}
