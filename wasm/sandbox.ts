// The instance of hot_path.wasm that runs now. Its memory outlives it: where an instance traps, another one takes over the
// memory, takes back what was half done, and everything else that the memory holds is as it was.
import type { Exports } from "./exports.ts";
import { MEMORY_PAGES } from "./limits.ts";

export class Sandbox {
  readonly memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  readonly #module: WebAssembly.Module;
  readonly #onTrap: (error: unknown) => void;
  exports: Exports;
  /** That of `exports`, which costs more to ask for each time than it does itself. */
  push: Exports["push"];

  /** @param onTrap hears of each trap once its instance is replaced */
  constructor(module: WebAssembly.Module, onTrap: (error: unknown) => void) {
    this.#module = module;
    this.#onTrap = onTrap;
    this.exports = this.#instantiate();
    this.push = this.exports.push;
  }

  /** Makes a call; null: it trapped, and a new instance has recovered. */
  call<Result>(fn: (exports: Exports) => Result): Result | null {
    try {
      return fn(this.exports);
    } catch (error) {
      this.replace(error);
      return null;
    }
  }

  /** The instance has thrown this. */
  replace(error: unknown): void {
    this.exports = this.#instantiate();
    this.push = this.exports.push;
    this.exports.recover();
    this.#onTrap(error);
  }

  #instantiate(): Exports {
    return new WebAssembly.Instance(this.#module, { env: { memory: this.memory } }).exports as unknown as Exports;
  }
}
