// The committed streams, what pymavlink reads in them, and what Slipstream makes of bytes.
import { decode } from "../wasm/frames.ts";
import { Mavlink } from "../../wasm/mavlink.ts";
import type { LinkOptions, MavlinkLink } from "../../wasm/mavlink/link.ts";

/** [system, seq, event time in µs, flags, kind, fields that are known]. */
export type ExpectedRecord = [number, number, number, number, string, Record<string, unknown>];

export interface Stream {
  bytes: Uint8Array<ArrayBuffer>;
  nowUs: number;
  key: string | null;
  messages: number;
  records: ExpectedRecord[];
}

const FOLDER = new URL("./streams/", import.meta.url);
export const NOW_US = 1_790_000_100_000_000;

export async function loadStream(name: string): Promise<Stream> {
  const packed = await Deno.readFile(new URL(`${name}.json.gz`, FOLDER));
  const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return { ...JSON.parse(text), bytes: await Deno.readFile(new URL(`${name}.bin`, FOLDER)) };
}

const module = await WebAssembly.compile(
  await Deno.readFile(new URL("../../wasm/mavlink/pkg/mavlink_bg.wasm", import.meta.url)),
);

export function mavlink(onTrap?: (error: unknown) => void): Mavlink {
  return Mavlink.fromModule(module, onTrap);
}

/** A link whose systems are called by their numbers, and what was heard on it. */
export function listen(
  { key = null, on = mavlink(), ...options }: { key?: Uint8Array | null; on?: Mavlink } & Partial<LinkOptions> = {},
): { link: MavlinkLink; records: ExpectedRecord[]; boots: number[] } {
  const records: ExpectedRecord[] = [];
  const boots: number[] = [];
  const link = on.open({
    vehiclesMax: 250,
    admit: (system) => ({ droneId: `mav-${system}`, ...(key ? { key } : {}) }),
    onFrame: (frame) => {
      records.push(...recordsOf(frame));
      boots.push(decode(frame).bootId);
    },
    ...options,
  });
  return { link: link!, records, boots };
}

/** A TelemetryFrame's records, as pymavlink's are written. */
export function recordsOf(bytes: Uint8Array): ExpectedRecord[] {
  const { droneId, records } = decode(bytes);
  return records.map(({ seq, eventTimeUs, flags, body }) => {
    const { $typeName: _, $unknown: __, ...fields } = body.value as unknown as Record<string, unknown>;
    if (body.case === "obstacles") {
      fields.hits = body.value.hits.map((hit) => [hit.bearingCdeg, hit.elevationCdeg, hit.rangeCm]);
    }
    return [Number(droneId.replace("mav-", "")), seq, Number(eventTimeUs), flags, body.case!, sorted(fields)];
  });
}

/** By name, without what is not known. */
export function sorted(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}
