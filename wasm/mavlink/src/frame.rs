//! Bytes to frames whose checksum is right: MAVLink 1 and 2, in any cut, with anything in between.
use mavlink::dialects::ardupilotmega::MavMessage;
use mavlink::{Message, calculate_crc};

/// Header (13 with a system id of 32 bits), payload, checksum, signature.
pub const FRAME_BYTES_MAX: usize = 13 + 255 + 2 + SIGNATURE_BYTES;
pub const SIGNATURE_BYTES: usize = 13;
pub const MAGIC_V1: u8 = 0xfe;
pub const MAGIC_V2: u8 = 0xfd;
/// Incompatibility flags: who does not know one must not read the frame.
pub const SIGNED: u8 = 1;
const WIDE_SYSTEM: u8 = 2;
/// Checksums that are wrong, and not made up for, before what claims to be a frame is skipped as a whole: otherwise a flood of
/// beginnings would have each of its bytes summed up 260 times.
const PATIENCE: u16 = 256;
const PATIENCE_PER_FRAME: u16 = 8;

/// What every frame says of itself.
#[derive(Clone, Copy)]
pub struct Header {
    pub system: u32,
    pub component: u8,
    pub sequence: u8,
    pub id: u32,
    pub signed: bool,
}

pub struct Frame<'a> {
    pub header: Header,
    pub payload: &'a [u8],
    /// From the magic byte to the end.
    pub raw: &'a [u8],
}

pub enum Found<'a> {
    Frame(Frame<'a>),
    /// Perhaps a frame, of a message that the definitions do not have: its checksum cannot be told.
    Unknown(Header),
    /// Nothing that could be told without more bytes.
    Nothing,
}

enum Step<'a> {
    Found(Frame<'a>),
    Unknown(Header),
    WrongChecksum { whole: usize },
    NotAFrame,
    Cut,
}

/// How hard frames are looked for, from link to link.
pub struct Search {
    impatience: u16,
}

impl Search {
    pub const fn new() -> Self {
        Self { impatience: 0 }
    }

    /// What is next in `bytes` from `at`, which is set behind it; or to where more bytes are needed.
    pub fn next<'a>(&mut self, bytes: &'a [u8], at: &mut usize, wrong_checksums: &mut u32) -> Found<'a> {
        while let Some(skipped) = bytes[*at..].iter().position(|byte| matches!(*byte, MAGIC_V1 | MAGIC_V2)) {
            *at += skipped;
            match read(&bytes[*at..]) {
                Step::Found(frame) => {
                    self.impatience = self.impatience.saturating_sub(PATIENCE_PER_FRAME);
                    *at += frame.raw.len();
                    return Found::Frame(frame);
                }
                Step::Unknown(header) => {
                    *at += 1;
                    return Found::Unknown(header);
                }
                Step::WrongChecksum { whole } => {
                    *wrong_checksums = wrong_checksums.wrapping_add(1);
                    self.impatience = (self.impatience + 1).min(PATIENCE);
                    *at += if self.impatience < PATIENCE { 1 } else { whole };
                }
                Step::NotAFrame => *at += 1,
                Step::Cut => return Found::Nothing,
            }
        }
        *at = bytes.len();
        Found::Nothing
    }
}

/// What begins with a magic byte.
fn read(rest: &[u8]) -> Step<'_> {
    let v2 = rest[0] == MAGIC_V2;
    let flags = match rest.get(2) {
        None => return Step::Cut,
        Some(flags) if v2 => *flags,
        _ => 0,
    };
    if flags & !(SIGNED | WIDE_SYSTEM) != 0 {
        return Step::NotAFrame;
    }
    let head = if !v2 { 6 } else { 10 + if flags & WIDE_SYSTEM == 0 { 0 } else { 3 } };
    if rest.len() < head {
        return Step::Cut;
    }
    let header = header(rest, head, flags & SIGNED != 0);
    let extra = MavMessage::extra_crc(header.id);
    if extra == 0 {
        return Step::Unknown(header);
    }
    let end = head + usize::from(rest[1]);
    let whole = end + 2 + if header.signed { SIGNATURE_BYTES } else { 0 };
    if rest.len() < whole {
        return Step::Cut;
    }
    if calculate_crc(&rest[1..end], extra) != u16::from_le_bytes([rest[end], rest[end + 1]]) {
        return Step::WrongChecksum { whole };
    }
    Step::Found(Frame { header, payload: &rest[head..end], raw: &rest[..whole] })
}

fn header(frame: &[u8], head: usize, signed: bool) -> Header {
    let three = |at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]);
    let (sequence, system, component, id) = match head {
        6 => (frame[2], frame[3].into(), frame[4], frame[5].into()),
        10 => (frame[4], frame[5].into(), frame[6], three(7)),
        _ => (frame[4], u32::from_le_bytes([frame[5], frame[6], frame[7], frame[8]]), frame[9], three(10)),
    };
    Header { system, component, sequence, id, signed }
}
