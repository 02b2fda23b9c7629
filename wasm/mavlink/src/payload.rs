//! A payload as its definition reads it. The definitions refuse a message for one value that they do not know, and
//! autopilots are newer than any definitions: what is an enumeration is read as a number, and hidden from them.
use mavlink::{MavlinkVersion, MessageData};

pub struct Payload {
    /// Zeros behind what was sent: MAVLink 2 cuts them off.
    bytes: [u8; 255],
}

impl Payload {
    pub fn new(sent: &[u8]) -> Self {
        let mut bytes = [0; 255];
        bytes[..sent.len()].copy_from_slice(sent);
        Self { bytes }
    }

    /// The enumeration at a place of the payload, now zero.
    pub fn take(&mut self, at: usize) -> u8 {
        core::mem::take(&mut self.bytes[at])
    }

    pub fn read<D: MessageData>(&self) -> Option<D> {
        D::deser(MavlinkVersion::V2, &self.bytes[..D::ENCODED_LEN]).ok()
    }
}
