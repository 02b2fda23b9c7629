// The border of mavlink_bg.wasm as TypeScript sees it: numbers only. What each means is said in src/lib.rs.

/** What the crate exports; addresses, counts, links and systems are u32, times are Unix µs. */
export interface MavlinkExports {
  memory: WebAssembly.Memory;
  input_address(): number;
  input_bytes(): number;
  output_address(): number;
  output_bytes(): number;
  down_address(): number;
  text_address(): number;
  numbers_address(): number;
  open(vehiclesMax: number): number;
  close(link: number): void;
  push(link: number, bytes: number, nowUs: number): number;
  resume(link: number, nowUs: number): number;
  asked(): number;
  admit(link: number, nowUs: number): number;
  deny(link: number, system: number): void;
  counts_address(link: number): number;
  heard(link: number, system: number): number;
  lost(link: number, system: number): number;
  signed_until(link: number, system: number): number;
  collision(link: number, system: number): number;
  status_text(link: number, system: number): number;
  adsb_vehicle(link: number, system: number): number;
}

/** Why a push has come to an end: as `Stop` of src/translator.rs. */
export const Stop = { done: 0, full: 1, asks: 2 } as const;

/** What an item of the output is, in the upper 8 bits of its header: as in src/output.rs. */
export const Item = { telemetryFrame: 0, traffic: 1 } as const;

/** f64 at `numbers_address`. */
export const NUMBERS = 12;
/** Bytes at `text_address`. */
export const TEXT_BYTES = 256;
