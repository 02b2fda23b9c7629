// UTF-8 as Unicode's table 3-7 has it: no overlong forms, no surrogates, nothing past U+10FFFF.

const ASCII: u64 = 0x8080808080808080;

export function isUtf8(pos: usize, end: usize): bool {
  while (pos < end) {
    if (end - pos >= 8 && (load<u64>(pos) & ASCII) == 0) {
      pos += 8;
      continue;
    }
    const lead = <u32> load<u8>(pos);
    if (lead < 0x80) {
      pos++;
      continue;
    }
    const bytes = sequenceBytes(lead);
    if (bytes == 0 || end - pos < bytes) return false;
    const second = <u32> load<u8>(pos + 1);
    if (second < secondMin(lead) || second > secondMax(lead)) return false;
    for (let i: usize = 2; i < bytes; i++) {
      if ((load<u8>(pos + i) & 0xc0) != 0x80) return false;
    }
    pos += bytes;
  }
  return true;
}

function sequenceBytes(lead: u32): usize {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function secondMin(lead: u32): u32 {
  return lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
}

function secondMax(lead: u32): u32 {
  return lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
}
