// The instance of mavlink_bg.wasm that runs now, and its memory: fixed, so that views of it stay valid for its life.
import { type MavlinkExports, NUMBERS, TEXT_BYTES } from "./exports.ts";

/** An instance with its areas. */
export interface Instance {
  exports: MavlinkExports;
  memory: Uint8Array<ArrayBuffer>;
  input: Uint8Array<ArrayBuffer>;
  text: Uint8Array<ArrayBuffer>;
  numbers: Float64Array<ArrayBuffer>;
  outputAddress: number;
  downAddress: number;
}

export class MavlinkSandbox {
  readonly #module: WebAssembly.Module;
  readonly #onTrap: (error: unknown) => void;
  current: Instance;
  /** One link's bytes are being read; all links share the areas. */
  isPushing = false;

  /** @param onTrap hears of each trap once its instance is replaced */
  constructor(module: WebAssembly.Module, onTrap: (error: unknown) => void) {
    this.#module = module;
    this.#onTrap = onTrap;
    this.current = instantiate(module);
  }

  /** Makes a call; null: it trapped, and `current` is another one. */
  call<Result>(fn: (instance: Instance) => Result): Result | null {
    try {
      return fn(this.current);
    } catch (error) {
      // What the other side was told to call throws as well, and nothing is wrong with the instance.
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      this.current = instantiate(this.#module);
      this.#onTrap(error);
      return null;
    }
  }
}

function instantiate(module: WebAssembly.Module): Instance {
  const exports = new WebAssembly.Instance(module).exports as unknown as MavlinkExports;
  const buffer = exports.memory.buffer as ArrayBuffer;
  return {
    exports,
    memory: new Uint8Array(buffer),
    input: new Uint8Array(buffer, exports.input_address(), exports.input_bytes()),
    text: new Uint8Array(buffer, exports.text_address(), TEXT_BYTES),
    numbers: new Float64Array(buffer, exports.numbers_address(), NUMBERS),
    outputAddress: exports.output_address(),
    downAddress: exports.down_address(),
  };
}
