//! OBSTACLE_DISTANCE and DISTANCE_SENSOR to ObstacleScan.
use crate::payload::Payload;
use crate::vehicle::Body;
use crate::wire::Message;
use mavlink::dialects::ardupilotmega::{DISTANCE_SENSOR_DATA, OBSTACLE_DISTANCE_DATA};

pub const FIELD: u32 = 6;
/// The nearest: what a warning can come from.
const HITS_MAX: usize = 16;
const RING: usize = 72;
/// A ring has no number of its own, only a kind: 1000 + that, away from what DISTANCE_SENSORs are called.
const RING_SENSOR_ID: u32 = 1000;
const FRAME_GLOBAL: u8 = 0;
const FRAME_BODY: u32 = 1;
const PITCH_UP: u8 = 24;
const PITCH_DOWN: u8 = 25;

/// When it measured, Unix µs or since boot; none: it cannot be read.
pub fn write_ring(mut payload: Payload, into: &mut Body) -> Option<u64> {
    let (kind, frame) = (payload.take(156), payload.take(166));
    let ring: OBSTACLE_DISTANCE_DATA = payload.read()?;
    into.uint32(1, RING_SENSOR_ID + u32::from(kind));
    into.uint32(2, if frame == FRAME_GLOBAL { 0 } else { FRAME_BODY });
    into.uint32(3, ring.max_distance.into());
    let mut hits = [(0, 0); RING];
    let mut count = 0;
    for (index, cm) in ring.distances.iter().enumerate() {
        if *cm != u16::MAX && (ring.min_distance..=ring.max_distance).contains(cm) {
            hits[count] = (*cm, index as u8);
            count += 1;
        }
    }
    if count > HITS_MAX {
        hits[..count].select_nth_unstable(HITS_MAX - 1);
        count = HITS_MAX;
    }
    hits[..count].sort_unstable_by_key(|(_, index)| *index);
    let step = if ring.increment_f != 0.0 { ring.increment_f } else { ring.increment.into() };
    for (cm, index) in &hits[..count] {
        // A float that is no number, or beyond all bearings, becomes one of them.
        let cdeg = rounded((ring.angle_offset + step * f32::from(*index)) * 100.0);
        write_hit(cdeg.rem_euclid(36_000), 0, *cm, into);
    }
    Some(ring.time_usec)
}

pub struct Look {
    pub time_boot_ms: u32,
    /// False: it looks neither around nor straight up or down.
    pub is_written: bool,
}

pub fn write_look(mut payload: Payload, into: &mut Body) -> Option<Look> {
    let (_kind, orientation) = (payload.take(10), payload.take(12));
    let sensor: DISTANCE_SENSOR_DATA = payload.read()?;
    let (bearing_cdeg, elevation_cdeg) = match orientation {
        yaw @ 0..=7 => (i32::from(yaw) * 4500, 0),
        PITCH_UP => (0, 9000),
        PITCH_DOWN => (0, -9000),
        _ => {
            return Some(Look { time_boot_ms: sensor.time_boot_ms, is_written: false });
        }
    };
    into.uint32(1, sensor.id.into());
    into.uint32(2, FRAME_BODY);
    into.uint32(3, sensor.max_distance.into());
    if (sensor.min_distance..=sensor.max_distance).contains(&sensor.current_distance) {
        write_hit(bearing_cdeg, elevation_cdeg, sensor.current_distance, into);
    }
    Some(Look { time_boot_ms: sensor.time_boot_ms, is_written: true })
}

fn write_hit(bearing_cdeg: i32, elevation_cdeg: i32, range_cm: u16, into: &mut Body) {
    let mut hit = Message::<16>::EMPTY;
    hit.sint32(1, bearing_cdeg);
    hit.sint32(2, elevation_cdeg);
    hit.uint32(3, range_cm.into());
    into.bytes(4, hit.as_slice());
}

/// Half away from zero.
fn rounded(value: f32) -> i32 {
    (value + if value < 0.0 { -0.5 } else { 0.5 }) as i32
}
