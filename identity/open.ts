// The gate of a process, out of its settings.
import type { Platform } from "../platform/system.ts";
import { Certificates } from "./certificates.ts";
import { Gate, type GateParts, OPEN_GATE } from "./gate.ts";
import { checkKeySet, KeySet } from "./key_set.ts";
import { parseRevocationList } from "./revocation_list.ts";
import { Revocations } from "./revocations.ts";
import type { IdentityConfig } from "./settings.ts";
import { Source, type SourceParts } from "./source.ts";
import { Tokens } from "./tokens.ts";

export interface OpenParts extends Pick<GateParts, "onDenied"> {
  platform: Pick<Platform, "now" | "clock" | "every" | "log">;
}

/** As long as it is open, what it reads is read again as it changes. */
export type Entrance = Pick<Gate, "admit" | "hold" | "note" | "denied" | "close">;

/** @throws {Error} when a file or an address cannot be read, or makes no sense */
export async function openGate(config: IdentityConfig | null, { platform, onDenied }: OpenParts): Promise<Entrance> {
  if (!config) return OPEN_GATE;
  const { ca, tokens, revoked, fleets, proxies } = config;
  const nowMs = platform.now;
  const sources: Source[] = [];
  const open = async (of: Pick<SourceParts, "name" | "where" | "check">) => {
    const source = await Source.open({ ...platform, ...of });
    sources.push(source);
    return source;
  };
  const authorities = ca === null ? null : await open({ name: "the authorities", where: ca, check: checkPem });
  const keys = tokens && await open({ name: "the token keys", where: tokens.keys, check: checkKeySet });
  const list = revoked === null
    ? null
    : await open({ name: "the revocations", where: revoked, check: (text) => void parseRevocationList(text) });
  const gate = new Gate({
    certificates: authorities && new Certificates({ fleets, nowMs, authorities: () => authorities.text }),
    tokens: tokens && keys && new Tokens({ ...tokens, fleets, nowMs, keys: new KeySet(keys, nowMs) }),
    revocations: list && new Revocations(list),
    ...{ proxies, platform, onDenied },
  });
  return {
    admit: (asking, action) => gate.admit(asking, action),
    hold: (identity, end) => gate.hold(identity, end),
    note: (reason, who) => gate.note(reason, who),
    denied: gate.denied,
    close() {
      gate.close();
      for (const source of sources) source.close();
    },
  };
}

function checkPem(text: string): void {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new TypeError("there is no certificate in it");
}
