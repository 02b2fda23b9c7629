// Receipts on their way back into the hot path, in parts that fit its memory.
import type { Exports } from "./exports.ts";
import type { Sandbox } from "./sandbox.ts";

/** Settles or forgets all pairs of a receipt, whatever traps over one part of it. */
export function applyReceipt(
  sandbox: Sandbox,
  { receipt, as }: { receipt: Uint32Array; as: keyof Pick<Exports, "settle" | "forget"> },
): void {
  const { receiptAddress, receiptPairsMax } = sandbox.exports;
  const words = 2 * receiptPairsMax();
  const target = new Uint32Array(sandbox.memory.buffer as ArrayBuffer, receiptAddress(), words);
  for (let offset = 0; offset < receipt.length; offset += words) {
    const part = receipt.subarray(offset, offset + words);
    target.set(part);
    // What is done is struck out there: after a trap it goes on with the rest.
    const apply = (exports: Exports) => exports[as](part.length >>> 1);
    if (sandbox.call(apply) === null) sandbox.call(apply);
  }
}
