//! Protobuf's encoding, as far as TelemetryFrame needs it, into memory that is there.

/// A message of at most `N` bytes; whoever writes knows that it fits.
pub struct Message<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Message<N> {
    pub const EMPTY: Self = Self { bytes: [0; N], len: 0 };

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.append(&[value as u8 | 0x80]);
            value >>= 7;
        }
        self.append(&[value as u8]);
    }

    fn tag(&mut self, field: u32, wire: u32) {
        self.varint(field << 3 | wire);
    }

    pub fn uint32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.optional_uint32(field, Some(value));
        }
    }

    pub fn optional_uint32(&mut self, field: u32, value: Option<u32>) {
        if let Some(value) = value {
            self.tag(field, 0);
            self.varint(value);
        }
    }

    pub fn sint32(&mut self, field: u32, value: i32) {
        if value != 0 {
            self.optional_sint32(field, Some(value));
        }
    }

    pub fn optional_sint32(&mut self, field: u32, value: Option<i32>) {
        self.optional_uint32(field, value.map(|value| (value << 1 ^ value >> 31) as u32));
    }

    pub fn sfixed32(&mut self, field: u32, value: i32) {
        if value != 0 {
            self.tag(field, 5);
            self.append(&value.to_le_bytes());
        }
    }

    pub fn fixed64(&mut self, field: u32, value: u64) {
        self.tag(field, 1);
        self.append(&value.to_le_bytes());
    }

    pub fn bytes(&mut self, field: u32, value: &[u8]) {
        self.tag(field, 2);
        self.varint(value.len() as u32);
        self.append(value);
    }
}
