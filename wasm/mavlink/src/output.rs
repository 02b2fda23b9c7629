//! What follows from a push: items behind their headers, read by the other side of the border before the next call.
use crate::vehicle::{Body, Record, Vehicle};
use crate::wire::Message;

const BYTES: usize = 1 << 16;
/// A Telemetry with its longest body, 16 hits, behind its tag and length.
pub const RECORD_BYTES_MAX: usize = 256;
/// Header, id, boot.
const FRAME_HEAD_BYTES_MAX: usize = 4 + 2 + 64 + 6;
/// System, component, message id, payload.
const TRAFFIC_BYTES: usize = 1 + 1 + 4 + 255;
const ROOM: usize = FRAME_HEAD_BYTES_MAX + RECORD_BYTES_MAX + TRAFFIC_BYTES;
const RECORDS_MAX: u32 = 256;

/// Kinds of items: `mavlink/exports.ts` has the same numbers.
const TELEMETRY_FRAME: u8 = 0;
const TRAFFIC: u8 = 1;

pub struct Output {
    bytes: [u8; BYTES],
    len: usize,
    /// The TelemetryFrame that is being written begins here, behind its header; 0: none is.
    start: usize,
    records: u32,
    system: u8,
    boot_id: u32,
}

impl Output {
    pub const EMPTY: Self = Self { bytes: [0; BYTES], len: 0, start: 0, records: 0, system: 0, boot_id: 0 };

    pub fn address(&self) -> u32 {
        self.bytes.as_ptr() as u32
    }

    pub fn clear(&mut self) {
        (self.len, self.start) = (0, 0);
    }

    /// Whatever one frame of MAVLink may become.
    pub fn has_room(&self) -> bool {
        self.len + ROOM <= BYTES
    }

    /// Ends what is being written. @returns bytes of all items
    pub fn close(&mut self) -> u32 {
        if self.start > 0 {
            self.write_header(self.start - 4, TELEMETRY_FRAME);
            self.start = 0;
        }
        self.len as u32
    }

    /// Records of one vehicle, one after another, share a TelemetryFrame.
    pub fn add_record(&mut self, vehicle: &Vehicle, record: &Record, body: &Body) {
        let is_same = self.system == vehicle.system && self.boot_id == vehicle.boot_id && self.records < RECORDS_MAX;
        if self.start == 0 || !is_same {
            self.begin_frame(vehicle);
        }
        let mut telemetry = Message::<RECORD_BYTES_MAX>::EMPTY;
        telemetry.uint32(1, vehicle.seq);
        telemetry.fixed64(2, record.event_time_us);
        telemetry.uint32(3, vehicle.flags.bits());
        telemetry.bytes(record.field, body.as_slice());
        let mut field = Message::<{ RECORD_BYTES_MAX + 4 }>::EMPTY;
        field.bytes(3, telemetry.as_slice());
        self.append(field.as_slice());
        self.records += 1;
    }

    pub fn add_traffic(&mut self, system: u8, component: u8, id: u32, payload: &[u8]) {
        self.close();
        let header = self.len;
        let mut padded = [0; 255];
        padded[..payload.len()].copy_from_slice(payload);
        self.append(&[0; 4]);
        self.append(&[system, component]);
        self.append(&id.to_le_bytes());
        self.append(&padded);
        self.write_header(header, TRAFFIC);
    }

    /// Bytes as they are, without a header.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn begin_frame(&mut self, vehicle: &Vehicle) {
        self.close();
        let mut head = Message::<FRAME_HEAD_BYTES_MAX>::EMPTY;
        head.append(&[0; 4]);
        head.bytes(1, &vehicle.id[..usize::from(vehicle.id_bytes)]);
        head.uint32(2, vehicle.boot_id);
        self.start = self.len + 4;
        (self.records, self.system, self.boot_id) = (0, vehicle.system, vehicle.boot_id);
        self.append(head.as_slice());
    }

    fn write_header(&mut self, at: usize, kind: u8) {
        let header = (self.len - at - 4) as u32 | u32::from(kind) << 24;
        self.bytes[at..at + 4].copy_from_slice(&header.to_le_bytes());
    }
}
