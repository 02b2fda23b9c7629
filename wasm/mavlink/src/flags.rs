//! What state a vehicle is in: RecordFlag's bits, by what it last said of itself.
use crate::payload::Payload;
use mavlink::dialects::ardupilotmega::{EXTENDED_SYS_STATE_DATA, HEARTBEAT_DATA, MavModeFlag};

const ARMED: u32 = 1;
const IN_AIR: u32 = 2;
const ON_MISSION: u32 = 4;
const EMERGENCY: u32 = 8;
const RTL: u32 = 16;
const LANDING: u32 = 32;
const GEOFENCE_BREACH: u32 = 64;

const TYPE_FIXED_WING: u8 = 1;
const TYPE_ROVER: u8 = 10;
const TYPE_BOAT: u8 = 11;
const TYPES_VTOL: core::ops::RangeInclusive<u8> = 19..=25;
const AUTOPILOT_ARDUPILOT: u8 = 3;
const AUTOPILOT_PX4: u8 = 12;
const STATE_ACTIVE: u8 = 4;
const STATE_CRITICAL: u8 = 5;
const STATE_EMERGENCY: u8 = 6;

pub struct Flags {
    mode: u32,
    is_active: bool,
    /// EXTENDED_SYS_STATE has said where it is: that goes before what the heartbeat lets one think.
    landed_known: bool,
    landed: u32,
    fence: u32,
}

impl Flags {
    pub const EMPTY: Self = Self { mode: 0, is_active: false, landed_known: false, landed: 0, fence: 0 };

    pub fn bits(&self) -> u32 {
        let armed_and_active = self.is_active && self.mode & ARMED != 0;
        let in_air = if self.landed_known {
            self.landed
        } else if armed_and_active {
            IN_AIR
        } else {
            0
        };
        self.mode | in_air | self.fence
    }

    pub fn saw_heartbeat(&mut self, mut payload: Payload) {
        let (kind, autopilot, state) = (payload.take(4), payload.take(5), payload.take(7));
        let Some(heartbeat) = payload.read::<HEARTBEAT_DATA>() else {
            return;
        };
        let armed = if heartbeat.base_mode.contains(MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED) { ARMED } else { 0 };
        let emergency = if matches!(state, STATE_CRITICAL | STATE_EMERGENCY) { EMERGENCY } else { 0 };
        self.is_active = matches!(state, STATE_ACTIVE | STATE_CRITICAL | STATE_EMERGENCY);
        self.mode = armed | emergency | flight_mode(autopilot, kind, heartbeat.custom_mode);
    }

    pub fn saw_landed_state(&mut self, mut payload: Payload) {
        payload.take(0);
        let landed = payload.take(1);
        if payload.read::<EXTENDED_SYS_STATE_DATA>().is_none() {
            return;
        }
        self.landed_known = matches!(landed, 1..=4);
        self.landed = match landed {
            2 | 3 => IN_AIR,
            4 => IN_AIR | LANDING,
            _ => 0,
        };
    }

    pub fn saw_fence(&mut self, breached: bool) {
        self.fence = if breached { GEOFENCE_BREACH } else { 0 };
    }
}

/// By each autopilot's own numbers of its modes.
fn flight_mode(autopilot: u8, kind: u8, mode: u32) -> u32 {
    match autopilot {
        AUTOPILOT_PX4 => match (mode >> 16 & 0xff, mode >> 24) {
            (4, 4) => ON_MISSION,
            (4, 5) => RTL,
            (4, 6 | 9) => LANDING,
            _ => 0,
        },
        AUTOPILOT_ARDUPILOT if kind == TYPE_FIXED_WING || TYPES_VTOL.contains(&kind) => match mode {
            10 => ON_MISSION,
            11 | 21 => RTL,
            20 | 26 => LANDING,
            _ => 0,
        },
        AUTOPILOT_ARDUPILOT if kind == TYPE_ROVER || kind == TYPE_BOAT => match mode {
            10 => ON_MISSION,
            11 | 12 => RTL,
            _ => 0,
        },
        AUTOPILOT_ARDUPILOT => match mode {
            3 => ON_MISSION,
            6 | 21 | 27 => RTL,
            9 => LANDING,
            _ => 0,
        },
        _ => 0,
    }
}
