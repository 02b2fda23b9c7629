// deno task hostile [--bytes N] [--frames N] [--seed N]: as many bytes of no kind, and frames with right checksums and random
// content, as one has the patience for. Exits 1 when anything traps, grows, or becomes a record that cannot be.
import { whole } from "../../platform/kinds.ts";
import { optionsOf } from "../../platform/options.ts";
import { type Harm, pushBytes, pushFrames } from "./hostile.ts";

function isUnharmed({ traps, grownBytes, impossible }: Harm): boolean {
  return traps === 0 && grownBytes === 0 && impossible.length === 0;
}

if (import.meta.main) {
  const { bytes, frames, seed } = optionsOf({
    name: "deno task hostile",
    about: "Streams of MAVLink that mean harm.",
    options: {
      bytes: whole({ fallback: 100_000_000, about: "of no kind, or changed", min: 1, max: 1e12 }),
      frames: whole({ fallback: 1_000_000, about: "with right checksums and random content", min: 1, max: 1e12 }),
      seed: whole({ fallback: 1, about: "of all chance", min: 0, max: 2 ** 32 - 1 }),
    },
  });
  const harms = {
    unsigned: await pushBytes(bytes / 2, { seed, keyed: false }),
    signed: await pushBytes(bytes / 2, { seed, keyed: true }),
    frames: pushFrames(frames, seed),
  };
  console.log(JSON.stringify(harms));
  if (!Object.values(harms).every(isUnharmed)) Deno.exit(1);
}
