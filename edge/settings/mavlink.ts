// What is set about MAVLink: whose system ids are whose, by which keys they sign, and the ports where it is spoken without a
// WebSocket.
import { isLoopback } from "../../identity/settings.ts";
import { isIP, spelled } from "../../platform/ip.ts";
import { hostName, list, onOff, text, type Values, whole } from "../../platform/kinds.ts";
import type { Rule } from "../../platform/settings.ts";
import { DRONE_ID_BYTES_MAX } from "../../proto/words.ts";

/** System ids of vehicles; those above are ground stations'. */
export const SYSTEM_MAX = 250;

const port = (about: string) =>
  whole({ ...{ fallback: null, min: 0, max: 65_535, placeholder: "PORT", shown: "none" }, about });

/** By variable. */
export const MAVLINK_SETTINGS = {
  SLIPSTREAM_MAVLINK_HOST: hostName({ fallback: "127.0.0.1", about: "where it listens for MAVLink over UDP and TCP" }),
  SLIPSTREAM_MAVLINK_UDP_PORT: port("and on which port for UDP, such as 14550"),
  SLIPSTREAM_MAVLINK_TCP_PORT: port("and on which port for TCP, such as 5760"),
  SLIPSTREAM_MAVLINK_PEERS: list({
    ...{ fallback: [], shown: "none", placeholder: "ADDRESS,…", about: "who is heard there without a signature" },
    fits: (address) => isIP(address) !== 0,
    must: "be IP addresses, with commas between",
  }),
  SLIPSTREAM_MAVLINK_SYSTEMS: list({
    ...{
      fallback: [],
      shown: "none",
      placeholder: "7=drone-7,…",
      about: "whose MAVLink system ids are whose; without it N is mav-N",
    },
    fits: (item) => readSystem(item) !== null,
    must: `be such as 7=drone-7,8=drone-8, with systems from 1 to ${SYSTEM_MAX}`,
  }),
  SLIPSTREAM_MAVLINK_KEYS: text({
    ...{ fallback: null, placeholder: "FILE", shown: "none" },
    about: "keys by which vehicles sign: a line for each id, with 64 hex digits",
  }),
  SLIPSTREAM_MAVLINK_ADSB: onOff({
    fallback: false,
    about: "1: ADSB_VEHICLE tells vehicles where whom they are warned of is",
  }),
};

type Read = Values<typeof MAVLINK_SETTINGS>;

export interface MavlinkConfig {
  host: string;
  /** Null: it is not spoken there. */
  udpPort: number | null;
  tcpPort: number | null;
  /** Addresses of those who need not sign. */
  peers: ReadonlySet<string>;
  /** Drone ids by system id; null: system N is mav-N. */
  systems: ReadonlyMap<number, string> | null;
  keysPath: string | null;
  /** Vehicles are told where the other one of a conflict is. */
  tellsIntruders: boolean;
}

export function mavlinkConfig(read: Read): MavlinkConfig {
  const systems = read.SLIPSTREAM_MAVLINK_SYSTEMS.map((item) => readSystem(item)!);
  return {
    host: read.SLIPSTREAM_MAVLINK_HOST,
    udpPort: read.SLIPSTREAM_MAVLINK_UDP_PORT,
    tcpPort: read.SLIPSTREAM_MAVLINK_TCP_PORT,
    peers: new Set(read.SLIPSTREAM_MAVLINK_PEERS.map(spelled)),
    systems: systems.length === 0 ? null : new Map(systems),
    keysPath: read.SLIPSTREAM_MAVLINK_KEYS,
    tellsIntruders: read.SLIPSTREAM_MAVLINK_ADSB,
  };
}

/** What makes no sense without something else; `hosted`: a platform takes neither UDP nor TCP. */
export function mavlinkRules({ hosted }: { hosted: boolean }): Rule<Read>[] {
  const ports = (["SLIPSTREAM_MAVLINK_UDP_PORT", "SLIPSTREAM_MAVLINK_TCP_PORT"] as const).flatMap((name) => [{
    name,
    isBroken: (read: Read) => hosted && read[name] !== null,
    needs: "must not be set: the platform takes WebSockets only",
  }, {
    name,
    isBroken: (read: Read) =>
      read[name] !== null && !isLoopback(read.SLIPSTREAM_MAVLINK_HOST) && read.SLIPSTREAM_MAVLINK_KEYS === null &&
      read.SLIPSTREAM_MAVLINK_PEERS.length === 0,
    needs: "needs SLIPSTREAM_MAVLINK_KEYS or SLIPSTREAM_MAVLINK_PEERS: beyond loopback anybody can send there",
  }]);
  return [...ports, {
    name: "SLIPSTREAM_MAVLINK_SYSTEMS",
    isBroken: ({ SLIPSTREAM_MAVLINK_SYSTEMS: items }) => {
      const pairs = items.map((item) => readSystem(item)!);
      return [0, 1].some((side) => new Set(pairs.map((pair) => pair[side])).size < pairs.length);
    },
    needs: "must name each system and each drone once",
  }];
}

function readSystem(item: string): [system: number, droneId: string] | null {
  const [, digits, droneId = ""] = /^(\d{1,3})=(.+)$/.exec(item) ?? [];
  const [system, bytes] = [Number(digits), new TextEncoder().encode(droneId).length];
  return system >= 1 && system <= SYSTEM_MAX && bytes > 0 && bytes <= DRONE_ID_BYTES_MAX ? [system, droneId] : null;
}
