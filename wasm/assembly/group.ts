// The formation that a frame declares, against what its boot declared before: whoever reads the frame's name need not compare.
import { BOOT_GROUP, BOOT_GROUP_BYTES, RESULT_GROUP_ADDRESS, RESULT_GROUP_BYTES } from "./layout";

/** Keeps the frame's formation for a boot; whether it is another one. A frame without one says that there is none. */
export function takeGroup(boot: usize): bool {
  const bytes = load<u32>(RESULT_GROUP_BYTES);
  const group = <usize> load<u32>(RESULT_GROUP_ADDRESS);
  if (load<u32>(boot + BOOT_GROUP_BYTES) == bytes && (bytes == 0 || isSame(group, boot + BOOT_GROUP, bytes))) {
    return false;
  }
  store<u32>(boot + BOOT_GROUP_BYTES, bytes);
  memory.copy(boot + BOOT_GROUP, group, bytes);
  return true;
}

function isSame(a: usize, b: usize, bytes: u32): bool {
  const words: u32 = bytes & ~7;
  for (let i: u32 = 0; i < words; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (let i = words; i < bytes; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}
