// What stands in KV for a drone: any JSON. The drone is always somewhere, in a formation with a name that fits.
import { Zones } from "../../../edge/drones/zones.ts";
import { Broken, type Session, type Target } from "../target.ts";

const FALLBACK = { fleet: "fleet", zone: "zone" };
const SEEDS = [
  '{"zone":"north"}',
  '{"fleet":"f","zone":"z","group":"show-1"}',
  '{"group":""}',
  "null",
  "[1]",
  '"north"',
  "7",
]
  .map((text) => new TextEncoder().encode(text));
const WORDS = ["zone", "fleet", "group", "north", "__proto__", "toString"];

function open(): Session {
  return {
    run: async (input) => {
      const value = parsed(input);
      const kv = { get: () => Promise.resolve({ value }) } as unknown as Deno.Kv;
      let told: { fleet: string; zone: string; group?: string } | null = null;
      let failure: unknown = null;
      const zones = new Zones(kv, {
        ...{ fallback: FALLBACK, entriesMax: 10, ttlMs: 1000, now: () => 0 },
        onChange: (_, zone) => told = zone,
        onError: (error) => failure = error,
      });
      zones.of("drone-1");
      // The answer, and what becomes of it, are a few turns away.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      zones.refresh(() => true);
      if (failure || !told) throw new Broken(`The entry was not read: ${failure}`);
      const { fleet, zone, group } = told as { fleet: string; zone: string; group?: string };
      for (const name of [fleet, zone]) {
        if (typeof name !== "string" || name === "") throw new Broken(`in ${fleet}/${zone}`);
      }
      if (group !== undefined && (typeof group !== "string" || new TextEncoder().encode(group).length > 64)) {
        throw new Broken(`of the formation ${group}`);
      }
      return [fleet === FALLBACK.fleet, zone === FALLBACK.zone, group === undefined, group === ""].join(" ");
    },
  };
}

function parsed(input: Uint8Array): unknown {
  const text = new TextDecoder().decode(input);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

export const ZONES: Target = { name: "zones", format: "text", bytesMax: 4096, words: WORDS, seeds: () => SEEDS, open };
