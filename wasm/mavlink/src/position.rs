//! GLOBAL_POSITION_INT, with what GPS_RAW_INT last said of the fix, to Position: the same units, unknown becomes absent.
use crate::payload::Payload;
use crate::vehicle::Body;
use mavlink::dialects::ardupilotmega::{GLOBAL_POSITION_INT_DATA, GPS_RAW_INT_DATA};

pub const FIELD: u32 = 4;
const LAT_E7_MAX: i32 = 900_000_000;
const LON_E7_MAX: i32 = 1_800_000_000;
/// A fix that was not told of for so long says nothing of this position.
const FIX_US_MAX: u64 = 10_000_000;
const FIX_3D: u8 = 3;
const FIX_RTK: u8 = 6;

#[derive(Clone, Copy)]
pub struct Fix {
    heard_us: u64,
    kind: u8,
    satellites: u8,
    h_acc_mm: u32,
    v_acc_mm: u32,
}

impl Fix {
    pub const EMPTY: Self = Self { heard_us: 0, kind: 0, satellites: 0, h_acc_mm: 0, v_acc_mm: 0 };

    pub fn read(mut payload: Payload, now_us: u64) -> Option<Self> {
        let kind = payload.take(28);
        let gps: GPS_RAW_INT_DATA = payload.read()?;
        Some(Self {
            heard_us: now_us,
            // Static, precise point positioning, and what is newer than this: a fix in three dimensions at least.
            kind: if kind > FIX_RTK { FIX_3D } else { kind },
            satellites: gps.satellites_visible,
            h_acc_mm: gps.h_acc,
            v_acc_mm: gps.v_acc,
        })
    }
}

/// False: it is no place on Earth, or 0, 0, which autopilots send before they know one.
pub fn write(gpi: &GLOBAL_POSITION_INT_DATA, fix: &Fix, now_us: u64, into: &mut Body) -> bool {
    let on_earth = gpi.lat.unsigned_abs() <= LAT_E7_MAX as u32 && gpi.lon.unsigned_abs() <= LON_E7_MAX as u32;
    if !on_earth || (gpi.lat == 0 && gpi.lon == 0) {
        return false;
    }
    into.sfixed32(1, gpi.lat);
    into.sfixed32(2, gpi.lon);
    into.optional_sint32(3, Some(gpi.alt));
    into.optional_sint32(4, Some(gpi.relative_alt));
    into.sint32(5, gpi.vx.into());
    into.sint32(6, gpi.vy.into());
    into.sint32(7, gpi.vz.into());
    into.optional_uint32(8, (gpi.hdg != u16::MAX).then(|| u32::from(gpi.hdg % 36_000)));
    if fix.heard_us > 0 && now_us.saturating_sub(fix.heard_us) <= FIX_US_MAX {
        into.optional_uint32(9, (fix.h_acc_mm != 0).then_some(fix.h_acc_mm));
        into.optional_uint32(10, (fix.v_acc_mm != 0).then_some(fix.v_acc_mm));
        into.uint32(11, fix.kind.into());
        into.optional_uint32(12, (fix.satellites != u8::MAX).then(|| fix.satellites.into()));
    }
    true
}
