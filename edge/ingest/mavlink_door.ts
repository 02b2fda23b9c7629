// The door for MAVLink: what is behind it, and its WebAssembly, is loaded when the first peer knocks.
import type { Links, LinksParts } from "./mavlink/links.ts";

export interface MavlinkDoor {
  /** What speaks it. */
  open: () => Promise<Pick<Links, "accept" | "take" | "isSigned">>;
  /** Once a second. */
  check: () => void;
}

export interface MavlinkDoorParts extends LinksParts {
  /** Hears of each instance of its WebAssembly that had to be replaced. */
  onTrap: (error: unknown) => void;
}

export function mavlinkDoor(parts: MavlinkDoorParts): MavlinkDoor {
  let opening: Promise<Links> | null = null;
  let opened: Links | null = null;
  const load = async () => {
    const [{ Mavlink }, { Links }] = await Promise.all([import("../../wasm/mavlink.ts"), import("./mavlink/links.ts")]);
    return opened = new Links(await Mavlink.load(parts.onTrap), parts);
  };
  const open = () =>
    opening ??= load().catch((error) => {
      // The next one may find what it needs.
      opening = null;
      throw error;
    });
  return { open, check: () => opened?.check() };
}
