// The border of hot_path.wasm as TypeScript sees it: numbers only.

/** What hot_path.wasm exports; addresses and counts are u32. */
export interface Exports {
  memory: WebAssembly.Memory;
  frameAddress(): number;
  resultsAddress(): number;
  settledDuplicatesAddress(): number;
  shedAddress(): number;
  invalidAddress(): number;
  alertAcksAddress(): number;
  setShedding(shedding: number): void;
  setNodeRate(ratePerS: number, nowMs: number): void;
  outputAddress(): number;
  receiptAddress(): number;
  receiptPairsMax(): number;
  slotsAddress(): number;
  evictedAddress(): number;
  configure(droneRatePerS: number, droneBurst: number, nodeRatePerS: number, nodeBurst: number, seed: number): void;
  takeOnly(idBytes: number): void;
  identify(bytes: number): number;
  push(bytes: number, nowMs: number, source: number): number;
  waiting(lane: number): number;
  seal(lane: number): number;
  abandon(lane: number): void;
  recover(): void;
  settle(pairs: number): void;
  forget(pairs: number): void;
  setAlertOpen(idBytes: number, open: number): void;
  evictIdle(nowMs: number, idleMs: number): number;
  droneCount(): number;
  haversineM(latAE7: number, lonAE7: number, latBE7: number, lonBE7: number): number;
}
