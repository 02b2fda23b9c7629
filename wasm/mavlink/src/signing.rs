//! MAVLink's signatures, by a clock that is handed in: <https://mavlink.io/en/guide/message_signing.html>.
use crate::frame::{Frame, SIGNATURE_BYTES};
use sha2::{Digest, Sha256};

const UNIX_US_2015: u64 = 1_420_070_400_000_000;
/// A stream that begins may lag behind our clock by a minute, in MAVLink's units of 10 µs.
const NEW_STREAM_LAG: u64 = 6_000_000;
/// (component, link id) of a vehicle; what signs in more streams is refused.
const STREAMS_MAX: usize = 16;
const KEY_BYTES: usize = 32;

pub enum Verdict {
    Good,
    Unsigned,
    Wrong,
    Replayed,
}

/// One vehicle's key, and what it has signed with it.
pub struct Signing {
    pub keyed: bool,
    key: [u8; KEY_BYTES],
    floor: u64,
    pub newest: u64,
    streams: usize,
    stream_ids: [u16; STREAMS_MAX],
    stream_times: [u64; STREAMS_MAX],
    last_sent: u64,
}

impl Signing {
    pub const EMPTY: Self = Self {
        keyed: false,
        key: [0; KEY_BYTES],
        floor: 0,
        newest: 0,
        streams: 0,
        stream_ids: [0; STREAMS_MAX],
        stream_times: [0; STREAMS_MAX],
        last_sent: 0,
    };

    /// @param floor nothing at or before this begins a stream
    pub fn begin(&mut self, key: &[u8], floor: u64) {
        self.key.copy_from_slice(&key[..KEY_BYTES]);
        (self.keyed, self.floor, self.newest) = (true, floor, floor);
    }

    pub fn judge(&mut self, frame: &Frame, now_us: u64) -> Verdict {
        if !self.keyed {
            return Verdict::Good;
        }
        if !frame.header.signed {
            return Verdict::Unsigned;
        }
        let (signed, signature) = frame.raw.split_at(frame.raw.len() - 6);
        if !is_same(&sign(&self.key, signed), signature) {
            return Verdict::Wrong;
        }
        let tail = &signed[signed.len() + 6 - SIGNATURE_BYTES..];
        let time = tail[1..7].iter().rev().fold(0, |time, byte| time << 8 | u64::from(*byte));
        if self.is_fresh(u16::from_le_bytes([frame.header.component, tail[0]]), time, now_us) {
            self.newest = self.newest.max(time);
            Verdict::Good
        } else {
            Verdict::Replayed
        }
    }

    fn is_fresh(&mut self, stream: u16, time: u64, now_us: u64) -> bool {
        if let Some(at) = self.stream_ids[..self.streams].iter().position(|id| *id == stream) {
            let fresh = time > self.stream_times[at];
            if fresh {
                self.stream_times[at] = time;
            }
            return fresh;
        }
        if self.streams == STREAMS_MAX || time <= self.floor || time + NEW_STREAM_LAG < signing_time(now_us) {
            return false;
        }
        (self.stream_ids[self.streams], self.stream_times[self.streams]) = (stream, time);
        self.streams += 1;
        true
    }

    /// What stands behind a frame of ours: link id, time, signature. `unsigned`: the frame from its magic byte to its checksum.
    pub fn tail(&mut self, unsigned: &[u8], now_us: u64) -> [u8; SIGNATURE_BYTES] {
        self.last_sent = (self.last_sent + 1).max(signing_time(now_us));
        let mut tail = [0; SIGNATURE_BYTES];
        tail[1..7].copy_from_slice(&self.last_sent.to_le_bytes()[..6]);
        let hash = Sha256::new_with_prefix(self.key).chain_update(unsigned).chain_update(&tail[..7]).finalize();
        tail[7..].copy_from_slice(&hash[..6]);
        tail
    }
}

fn sign(key: &[u8], signed: &[u8]) -> [u8; 6] {
    let hash = Sha256::new_with_prefix(key).chain_update(signed).finalize();
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]]
}

fn signing_time(now_us: u64) -> u64 {
    now_us.saturating_sub(UNIX_US_2015) / 10
}

/// In the same time wherever they differ.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
