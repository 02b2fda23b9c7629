//! One vehicle on a link: what it last said of itself, and the record that follows from what it says now.
use crate::clock::Clock;
use crate::flags::Flags;
use crate::frame::Frame;
use crate::output::RECORD_BYTES_MAX;
use crate::payload::Payload;
use crate::position::Fix;
use crate::radio::Radio;
use crate::signing::Signing;
use crate::wire::Message;
use crate::{battery, obstacles, position};
use mavlink::MessageData;
use mavlink::dialects::ardupilotmega::*;

pub const ID_BYTES_MAX: usize = 64;
/// The autopilot among a vehicle's components, as PX4 and ArduPilot number it.
const AUTOPILOT: u8 = 1;
/// Of those who do not know when they have booted, such as MAVSDK in its SYSTEM_TIME.
const UNKNOWN_BOOT_MS: u32 = 0;

/// What stands in a Telemetry besides its sequence, time and flags.
pub type Body = Message<{ RECORD_BYTES_MAX - 32 }>;

pub struct Record {
    pub field: u32,
    pub event_time_us: u64,
}

pub enum Outcome {
    Record(Record),
    /// It is remembered, or says nothing that could be told.
    Nothing,
    /// The definitions cannot read it, or it cannot be true.
    Unreadable,
}

pub struct Vehicle {
    pub used: bool,
    pub system: u8,
    /// The next one of its link; 0: it is the last.
    pub next: u16,
    pub id: [u8; ID_BYTES_MAX],
    pub id_bytes: u8,
    pub boot_id: u32,
    pub seq: u32,
    pub signing: Signing,
    pub radio: Radio,
    pub flags: Flags,
    clock: Clock,
    fix: Fix,
    has_battery_status: bool,
}

impl Vehicle {
    pub const EMPTY: Self = Self {
        used: false,
        system: 0,
        next: 0,
        id: [0; ID_BYTES_MAX],
        id_bytes: 0,
        boot_id: 0,
        seq: 0,
        signing: Signing::EMPTY,
        radio: Radio::EMPTY,
        flags: Flags::EMPTY,
        clock: Clock::EMPTY,
        fix: Fix::EMPTY,
        has_battery_status: false,
    };

    pub fn begin(&mut self, id: &[u8], now_us: u64) {
        self.id[..id.len()].copy_from_slice(id);
        self.id_bytes = id.len() as u8;
        self.boot_id = boot_id(now_us);
    }

    /// A frame that may be believed.
    pub fn hear(&mut self, frame: &Frame, now_us: u64, body: &mut Body) -> Outcome {
        let payload = Payload::new(frame.payload);
        let is_autopilot = frame.header.component == AUTOPILOT;
        self.tell(frame.header.id, is_autopilot, payload, now_us, body).unwrap_or(Outcome::Unreadable)
    }

    fn tell(
        &mut self,
        id: u32,
        is_autopilot: bool,
        mut payload: Payload,
        now_us: u64,
        body: &mut Body,
    ) -> Option<Outcome> {
        match id {
            BATTERY_STATUS_DATA::ID => {
                self.has_battery_status = true;
                let known = battery::write_pack(payload, body)?;
                return Some(record_if(known, battery::FIELD, self.clock.latest(now_us)));
            }
            OBSTACLE_DISTANCE_DATA::ID => {
                let usec = obstacles::write_ring(payload, body)?;
                // Only the autopilot's boot is known.
                let event_time_us = self.clock.at_usec(if is_autopilot { usec } else { unix_only(usec) }, now_us);
                return Some(record_if(true, obstacles::FIELD, event_time_us));
            }
            DISTANCE_SENSOR_DATA::ID => {
                let look = obstacles::write_look(payload, body)?;
                let event_time_us = if is_autopilot { self.at(look.time_boot_ms, now_us) } else { now_us };
                return Some(record_if(look.is_written, obstacles::FIELD, event_time_us));
            }
            _ if !is_autopilot => return Some(Outcome::Nothing),
            HEARTBEAT_DATA::ID => self.flags.saw_heartbeat(payload),
            EXTENDED_SYS_STATE_DATA::ID => self.flags.saw_landed_state(payload),
            FENCE_STATUS_DATA::ID => {
                payload.take(7);
                payload.take(8);
                self.flags.saw_fence(payload.read::<FENCE_STATUS_DATA>()?.breach_status != 0);
            }
            SYSTEM_TIME_DATA::ID => {
                let time: SYSTEM_TIME_DATA = payload.read()?;
                if time.time_boot_ms != UNKNOWN_BOOT_MS {
                    self.at(time.time_boot_ms, now_us);
                    self.clock.saw_system_time(time.time_unix_usec, time.time_boot_ms);
                }
            }
            GPS_RAW_INT_DATA::ID => self.fix = Fix::read(payload, now_us)?,
            GLOBAL_POSITION_INT_DATA::ID => {
                let gpi: GLOBAL_POSITION_INT_DATA = payload.read()?;
                let event_time_us = self.at(gpi.time_boot_ms, now_us);
                if !position::write(&gpi, &self.fix, now_us, body) {
                    return None;
                }
                return Some(record_if(true, position::FIELD, event_time_us));
            }
            SYS_STATUS_DATA::ID if !self.has_battery_status => {
                let known = battery::write_system(&payload, body)?;
                return Some(record_if(known, battery::FIELD, self.clock.latest(now_us)));
            }
            _ => {}
        }
        Some(Outcome::Nothing)
    }

    /// The autopilot's time since boot, as Unix µs; another boot than before begins with it.
    fn at(&mut self, boot_ms: u32, now_us: u64) -> u64 {
        if boot_ms == UNKNOWN_BOOT_MS {
            return now_us;
        }
        if self.clock.saw_boot_ms(boot_ms, now_us) {
            (self.boot_id, self.seq) = (boot_id(now_us).max(self.boot_id.wrapping_add(1)), 0);
            (self.flags, self.fix, self.has_battery_status) = (Flags::EMPTY, Fix::EMPTY, false);
        }
        self.clock.at_boot_ms(boot_ms, now_us)
    }
}

/// What a vehicle is listened to for; everything else only counts as heard.
pub fn is_told_of(id: u32) -> bool {
    matches!(
        id,
        HEARTBEAT_DATA::ID
            | SYS_STATUS_DATA::ID
            | SYSTEM_TIME_DATA::ID
            | GPS_RAW_INT_DATA::ID
            | GLOBAL_POSITION_INT_DATA::ID
            | DISTANCE_SENSOR_DATA::ID
            | BATTERY_STATUS_DATA::ID
            | FENCE_STATUS_DATA::ID
            | EXTENDED_SYS_STATE_DATA::ID
            | OBSTACLE_DISTANCE_DATA::ID
    )
}

/// Other aircraft that it has heard: its own transmitter's words are not told from theirs by their id alone.
pub fn is_traffic(id: u32) -> bool {
    matches!(
        id,
        ADSB_VEHICLE_DATA::ID
            | OPEN_DRONE_ID_BASIC_ID_DATA::ID
            | OPEN_DRONE_ID_LOCATION_DATA::ID
            | OPEN_DRONE_ID_MESSAGE_PACK_DATA::ID
    )
}

fn record_if(known: bool, field: u32, event_time_us: u64) -> Outcome {
    if known { Outcome::Record(Record { field, event_time_us }) } else { Outcome::Nothing }
}

/// Another one at each boot and on each link: hundredths of a second.
fn boot_id(now_us: u64) -> u32 {
    (now_us / 10_000) as u32
}

/// 0, which is unknown, for what is a time since a boot.
fn unix_only(usec: u64) -> u64 {
    if usec > 1_420_070_400_000_000 { usec } else { 0 }
}
