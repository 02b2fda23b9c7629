// Alert acknowledgements of a frame, read out of hot_path.wasm's memory as assembly/layout.ts plans them.

/** What a drone says of one alert; revision 0 means the latest that it was sent. */
export interface AlertAckEntry {
  alertId: bigint;
  /** Unix µs by the drone's clock. */
  receivedTimeUs: bigint;
  revision: number;
}

const RECEIVED_US = 8;
const REVISION = 16;
const BYTES = 24;

/** `count` acknowledgements from `address` on, copied: they outlive the next frame. */
export function readAlertAcks(
  memory: WebAssembly.Memory,
  { address, count }: { address: number; count: number },
): AlertAckEntry[] {
  const view = new DataView(memory.buffer, address, count * BYTES);
  return Array.from({ length: count }, (_, i) => ({
    alertId: view.getBigUint64(i * BYTES, true),
    receivedTimeUs: view.getBigUint64(i * BYTES + RECEIVED_US, true),
    revision: view.getUint32(i * BYTES + REVISION, true),
  }));
}
