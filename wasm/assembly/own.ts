// The only drone whose frames are taken, while whoever sends them may speak for one.
import { takeId } from "./drones";
import { FRAME, ID_BYTES_MAX, OWN_ID, SCRATCH_ID, STATE_OWN_ID_BYTES } from "./layout";

/** From now on frames of the drone whose id is at `FRAME` are taken, and no others; without an id those of all. */
export function takeOnly(idBytes: u32): void {
  assert(idBytes <= ID_BYTES_MAX);
  store<u32>(STATE_OWN_ID_BYTES, idBytes);
  if (idBytes == 0) return;
  takeId(FRAME, idBytes);
  for (let i: usize = 0; i < idBytes; i += 8) store<u64>(OWN_ID + i, load<u64>(SCRATCH_ID + i));
}

/** The id in `SCRATCH_ID` is of another one. */
export function isForeign(idBytes: u32): bool {
  const own = load<u32>(STATE_OWN_ID_BYTES);
  if (own == 0) return false;
  if (own != idBytes) return true;
  for (let i: usize = 0; i < idBytes; i += 8) {
    if (load<u64>(OWN_ID + i) != load<u64>(SCRATCH_ID + i)) return true;
  }
  return false;
}
