// What is set about traffic: where receivers of ADS-B are asked, and who of what they hear is the fleet's own.
import { list, type Values } from "../../platform/kinds.ts";

const RECEIVERS_MAX = 8;
const OWN_MAX = 1000;
const OWN_ID = /^(?:adsb|rid):[0-9a-f]{1,40}$/;

/** By variable. */
export const TRAFFIC_SETTINGS = {
  SLIPSTREAM_SBS_1: list({
    ...{ fallback: [], shown: "none", placeholder: "HOST:PORT,…" },
    about: "receivers of ADS-B, of whose aircraft drones are warned",
    fits: (item) => readPlace(item) !== null,
    must: "be such as 127.0.0.1:30003, with commas between",
  }),
  SLIPSTREAM_TRAFFIC_OWN: list({
    ...{ fallback: [], shown: "none", placeholder: "rid:HEX,…" },
    about: "transmitters of the fleet's own drones: no traffic",
    fits: (item) => OWN_ID.test(item),
    must: "be such as adsb:4ca123,rid:0a1b2c3d4e5f, with commas between",
  }),
};

type Read = Values<typeof TRAFFIC_SETTINGS>;

/** Where somebody listens. */
export interface Place {
  host: string;
  port: number;
}

export interface TrafficConfig {
  sbs1: readonly Place[];
  /** Ids of traffic that is none. */
  own: ReadonlySet<string>;
}

export function trafficConfig(read: Read): TrafficConfig {
  const sbs1 = read.SLIPSTREAM_SBS_1.slice(0, RECEIVERS_MAX).map((item) => readPlace(item)!);
  return { sbs1, own: new Set(read.SLIPSTREAM_TRAFFIC_OWN.slice(0, OWN_MAX)) };
}

function readPlace(item: string): Place | null {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(item) ?? [];
  const [host, port] = [bracketed ?? name, Number(digits)];
  return host !== undefined && port > 0 && port <= 65_535 ? { host, port } : null;
}
