// What a fuzzing worker and whoever watches it share: the input that runs now, so that one which never ends is known.

export interface Shared {
  /** Executions that have begun, and bytes of the latest one's input. */
  counts: Int32Array<SharedArrayBuffer>;
  input: Uint8Array<SharedArrayBuffer>;
}

const COUNTS_BYTES = 8;

export function share(bytesMax: number): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNTS_BYTES + bytesMax);
}

export function sharedOf(buffer: SharedArrayBuffer): Shared {
  return { counts: new Int32Array(buffer, 0, 2), input: new Uint8Array(buffer, COUNTS_BYTES) };
}

export function begin({ counts, input }: Shared, bytes: Uint8Array): void {
  input.set(bytes);
  Atomics.store(counts, 1, bytes.length);
  Atomics.add(counts, 0, 1);
}

export function latest({ counts, input }: Shared): { executions: number; input: Uint8Array<ArrayBuffer> } {
  return { executions: Atomics.load(counts, 0), input: input.slice(0, Atomics.load(counts, 1)) };
}
