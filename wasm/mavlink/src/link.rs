//! One link: the cut frame that waits for its rest, whose vehicles it has heard, and what came of its frames.
use crate::frame::{FRAME_BYTES_MAX, Search};

/// Frames with a right checksum by what became of them, and two kinds of others: `mavlink/counts.ts` has the same order.
#[derive(Clone, Copy)]
pub enum Count {
    /// What claims to be a frame, and what claims to be one of a message that the definitions do not have.
    WrongChecksums,
    Unknown,
    /// A record followed.
    Records,
    /// It was remembered, or said nothing that could be told.
    Remembered,
    Traffic,
    /// Of messages that nothing follows from.
    Unmapped,
    Unsigned,
    WrongSignatures,
    Replayed,
    /// What the definitions cannot read, or what cannot be true.
    Unreadable,
    /// Of systems that were denied.
    Denied,
    /// Of ground stations, of nobody, and with system ids above 255.
    NoVehicles,
}
pub const COUNTS: usize = Count::NoVehicles as usize + 1;

pub struct Link {
    pub used: bool,
    pub vehicles: u32,
    pub vehicles_max: u32,
    /// The first of its vehicles, from 1; 0: it has none.
    pub first: u16,
    denied: [u32; 8],
    pub counts: [u32; COUNTS],
    pub search: Search,
    cut: [u8; FRAME_BYTES_MAX],
    cut_bytes: u16,
    /// Downwards.
    sequence: u8,
    text_id: u16,
}

impl Link {
    pub const EMPTY: Self = Self {
        used: false,
        vehicles: 0,
        vehicles_max: 0,
        first: 0,
        denied: [0; 8],
        counts: [0; COUNTS],
        search: Search::new(),
        cut: [0; FRAME_BYTES_MAX],
        cut_bytes: 0,
        sequence: 0,
        text_id: 0,
    };

    pub fn count(&mut self, what: Count) {
        let count = &mut self.counts[what as usize];
        *count = count.wrapping_add(1);
    }

    /// A frame that is not whole yet.
    pub fn keep_cut(&mut self, bytes: &[u8]) {
        self.cut[..bytes.len()].copy_from_slice(bytes);
        self.cut_bytes = bytes.len() as u16;
    }

    pub fn take_cut(&mut self) -> &[u8] {
        &self.cut[..usize::from(core::mem::take(&mut self.cut_bytes))]
    }

    pub fn deny(&mut self, system: u8) {
        self.denied[usize::from(system >> 5)] |= 1 << (system & 31);
    }

    pub fn is_denied(&self, system: u8) -> bool {
        self.denied[usize::from(system >> 5)] >> (system & 31) & 1 != 0
    }

    pub fn next_sequence(&mut self) -> u8 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Never 0, which is that of texts in one piece.
    pub fn next_text_id(&mut self) -> u16 {
        self.text_id = self.text_id.wrapping_add(1).max(1);
        self.text_id
    }
}
