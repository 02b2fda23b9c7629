// A terminal that is drawn on as a whole, by ANSI's control sequences, and left as it was found.
import type { Line, Size, Style } from "./screen.ts";

/** Deno's, as far as it is used. */
export interface Console {
  write: (text: string) => void;
  size: () => Size;
  /** Keys come at once, and are not shown. */
  setRaw: (isRaw: boolean) => void;
}

const ESC = "\x1b[";
const OTHER_SCREEN = `${ESC}?1049h${ESC}?25l`;
const OWN_SCREEN = `${ESC}0m${ESC}?25h${ESC}?1049l`;
const STYLES: Record<Style, string> = { plain: "", title: `${ESC}1m`, wrong: `${ESC}31m`, faint: `${ESC}2m` };
const PLAIN = `${ESC}0m`;

export class Terminal {
  readonly #console: Console;
  #isOpen = false;

  constructor(console: Console) {
    this.#console = console;
  }

  get size(): Size {
    return this.#console.size();
  }

  /** Also when it comes back from elsewhere. */
  open(): void {
    this.#isOpen = true;
    this.#console.setRaw(true);
    this.#console.write(OTHER_SCREEN);
  }

  /** In one go, so that nothing flickers. @param lines of all of it, and as wide; without control characters */
  draw(lines: readonly Line[]): void {
    if (!this.#isOpen) return;
    const drawn = lines.map(({ text, style }) => `${STYLES[style]}${text}${style === "plain" ? "" : PLAIN}`);
    this.#console.write(`${ESC}H${drawn.join("\r\n")}`);
  }

  /** As it was; may be called again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#console.write(OWN_SCREEN);
    this.#console.setRaw(false);
  }
}

/** What a key that was pressed asks for: q, Q, Ctrl-C, Ctrl-D. */
export function asksToEnd(keys: Uint8Array): boolean {
  return keys.some((key) => key === 0x71 || key === 0x51 || key === 3 || key === 4);
}
