// The addresses of 24 bits by which ADSB_VEHICLE tells aircraft apart.

/** Reserved by ICAO for future use, and given to nobody (Annex 10, volume III, chapter 9): we name drones by these. */
const OURS = 0xd0_0000;
const BLOCK = 0xf0_0000;
const ICAO_ID = /^adsb:([0-9a-f]{6})$/;

/** Of an aircraft heard by ADS-B its own; others need one all the same, always the same one: FNV-1a of the id. */
export function addressOf(id: string): number {
  const [, icao] = ICAO_ID.exec(id) ?? [];
  if (icao !== undefined) return parseInt(icao, 16);
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return OURS | (hash >>> 0) & ~BLOCK & 0xff_ffff;
}

/** Such an address comes back from an autopilot that passes on what it was told: it is no aircraft but one of ours. */
export function isOurs(address: number): boolean {
  return (address & BLOCK) === OURS;
}
