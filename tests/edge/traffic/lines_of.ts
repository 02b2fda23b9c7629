// Lines of SBS-1 as dump1090-fa writes them.

export interface LineInit {
  kind?: number;
  address?: string;
  callsign?: string;
  altitude?: string;
  speed?: string;
  track?: string;
  lat?: string;
  lon?: string;
  climb?: string;
  ground?: string;
}

const TIMES = "2026/11/30,11:22:33.444,2026/11/30,11:22:33.555";

/** Without its end. */
export function lineOf({ kind = 3, address = "4CA123", ground = "0", ...init }: LineInit = {}): string {
  const { callsign = "", altitude = "", speed = "", track = "", lat = "", lon = "", climb = "" } = init;
  return `MSG,${kind},1,1,${address},1,${TIMES},${callsign},${altitude},${speed},${track},${lat},${lon},${climb},,0,0,0,${ground}`;
}

export const PLACE = { altitude: "1500", lat: "47.39774", lon: "8.54559" };
export const MOTION = { kind: 4, speed: "120", track: "90", climb: "-640" };
