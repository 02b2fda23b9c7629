// The only binding to mavlink_bg.wasm: bytes of MAVLink are copied in, one call is made, TelemetryFrames are read out. Nothing
// but numbers crosses the border; all memory is reserved before the first byte. An instance that traps is replaced: its links
// go on in another one, and their vehicles are heard as if for the first time.
import { type LinkOptions, MavlinkLink } from "./mavlink/link.ts";
import { MavlinkSandbox } from "./mavlink/sandbox.ts";
import { Signatures } from "./mavlink/signatures.ts";

export class Mavlink {
  readonly #sandbox: MavlinkSandbox;
  readonly #signatures = new Signatures();

  private constructor(sandbox: MavlinkSandbox) {
    this.#sandbox = sandbox;
  }

  /**
   * Compiles the committed module: only where there is a MAVLink peer, nobody else needs it.
   * @param onTrap hears of each trap once its instance is replaced
   */
  static async load(onTrap: (error: unknown) => void = () => {}): Promise<Mavlink> {
    const bytes = await Deno.readFile(new URL("./mavlink/pkg/mavlink_bg.wasm", import.meta.url));
    return Mavlink.fromModule(await WebAssembly.compile(bytes), onTrap);
  }

  /** A further instance of a module that is already compiled. */
  static fromModule(module: WebAssembly.Module, onTrap: (error: unknown) => void = () => {}): Mavlink {
    return new Mavlink(new MavlinkSandbox(module, onTrap));
  }

  /** One socket, or one peer of UDP. Null: there are as many links as there may be. To be closed when its socket is. */
  open(options: LinkOptions): MavlinkLink | null {
    const link = new MavlinkLink(this.#sandbox, { signatures: this.#signatures, options });
    return link.open() ? link : null;
  }

  /** Bytes of memory, for good. */
  get memoryBytes(): number {
    return this.#sandbox.current.memory.length;
  }
}
