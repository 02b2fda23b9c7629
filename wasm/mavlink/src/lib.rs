//! MAVLink 1 and 2 to Slipstream's TelemetryFrame, and Slipstream's warnings back to MAVLink.
//!
//! Only numbers cross the border: bytes are copied in, one call is made, what follows is read at `output_address`. Nothing is
//! allocated: all memory is reserved in `memory.rs`, and never grows. Links have numbers from 1.
mod battery;
mod clock;
mod down;
mod flags;
mod fleet;
mod frame;
mod link;
mod memory;
mod obstacles;
mod output;
mod payload;
mod position;
mod radio;
mod signing;
mod translator;
mod vehicle;
mod wire;

use memory::Memory;
use vehicle::ID_BYTES_MAX;
use wasm_bindgen::prelude::wasm_bindgen;

fn at(link: u32) -> usize {
    link as usize - 1
}

/// Where bytes are written before `push`: at most `input_bytes`.
#[wasm_bindgen]
pub fn input_address() -> u32 {
    Memory::with(|memory| memory.input[frame::FRAME_BYTES_MAX..].as_ptr() as u32)
}

#[wasm_bindgen]
pub fn input_bytes() -> u32 {
    memory::CHUNK_BYTES as u32
}

/// Items, each behind a u32 (little endian): its kind in the upper 8 bits, its length in the lower 24.
#[wasm_bindgen]
pub fn output_address() -> u32 {
    Memory::with(|memory| memory.output.address())
}

#[wasm_bindgen]
pub fn output_bytes() -> u32 {
    Memory::with(|memory| memory.output.close())
}

/// Where frames to a vehicle stand, after a call that makes them.
#[wasm_bindgen]
pub fn down_address() -> u32 {
    Memory::with(|memory| memory.down.as_slice().as_ptr() as u32)
}

/// For ids, keys and texts.
#[wasm_bindgen]
pub fn text_address() -> u32 {
    Memory::with(|memory| memory.text.as_ptr() as u32)
}

/// For f64 of what takes more numbers than one would put into a call.
#[wasm_bindgen]
pub fn numbers_address() -> u32 {
    Memory::with(|memory| memory.numbers.as_ptr() as u32)
}

/// @returns a link; 0: there are as many as there may be
#[wasm_bindgen]
pub fn open(vehicles_max: u32) -> u32 {
    Memory::with(|memory| memory.fleet.open(vehicles_max).map_or(0, |at| at as u32 + 1))
}

#[wasm_bindgen]
pub fn close(link: u32) {
    Memory::with(|memory| memory.fleet.close(at(link)));
}

/// @returns a `Stop`
#[wasm_bindgen]
pub fn push(link: u32, bytes: u32, now_us: f64) -> u32 {
    Memory::with(|memory| memory.push(at(link), bytes as usize, now_us as u64) as u32)
}

/// @returns a `Stop`
#[wasm_bindgen]
pub fn resume(link: u32, now_us: f64) -> u32 {
    Memory::with(|memory| memory.resume(at(link), now_us as u64) as u32)
}

/// The system that `Stop::Asks` is about.
#[wasm_bindgen]
pub fn asked() -> u32 {
    Memory::with(|memory| memory.asked.into())
}

/// Text: the drone's id, and behind it 32 bytes of a key if it has one. Numbers: system, bytes of the id, 1 if it has a key, the
/// time of its newest signature on links before. False: there are too many vehicles on this link, or altogether.
#[wasm_bindgen]
pub fn admit(link: u32, now_us: f64) -> bool {
    Memory::with(|memory| {
        let [system, id_bytes, keyed, floor, ..] = memory.numbers;
        let (id, key) = memory.text.split_at((id_bytes as usize).min(ID_BYTES_MAX));
        let Some(vehicle) = memory.fleet.add(at(link), system as u8) else {
            return false;
        };
        vehicle.begin(id, now_us as u64);
        if keyed != 0.0 {
            vehicle.signing.begin(key, floor as u64);
        }
        true
    })
}

/// Nothing is taken from this system on this link.
#[wasm_bindgen]
pub fn deny(link: u32, system: u32) {
    Memory::with(|memory| memory.fleet.links[at(link)].deny(system as u8));
}

/// Where a link's counts stand, u32 each, in the order of `link::Count`.
#[wasm_bindgen]
pub fn counts_address(link: u32) -> u32 {
    Memory::with(|memory| memory.fleet.links[at(link)].counts.as_ptr() as u32)
}

/// Frames of a vehicle that came, by all of its components.
#[wasm_bindgen]
pub fn heard(link: u32, system: u32) -> u32 {
    Memory::with(|memory| memory.fleet.find(at(link), system as u8).map_or(0, |vehicle| vehicle.radio.heard))
}

/// Frames of a vehicle that were sent and did not come.
#[wasm_bindgen]
pub fn lost(link: u32, system: u32) -> u32 {
    Memory::with(|memory| memory.fleet.find(at(link), system as u8).map_or(0, |vehicle| vehicle.radio.lost))
}

/// The newest signature of a vehicle, in MAVLink's time.
#[wasm_bindgen]
pub fn signed_until(link: u32, system: u32) -> f64 {
    Memory::with(|memory| {
        memory.fleet.find(at(link), system as u8).map_or(0.0, |vehicle| vehicle.signing.newest as f64)
    })
}

/// COLLISION. Numbers: 0, Unix µs, id, threat level, s, m vertically, m horizontally. @returns bytes of its frame; 0: no such
/// vehicle
#[wasm_bindgen]
pub fn collision(link: u32, system: u32) -> u32 {
    Memory::with(|memory| memory.collision(at(link), system as u8))
}

/// STATUSTEXT, in as many chunks as it takes. Text: that. Numbers: bytes of it, Unix µs, severity as in RFC 5424.
#[wasm_bindgen]
pub fn status_text(link: u32, system: u32) -> u32 {
    Memory::with(|memory| memory.status_text(at(link), system as u8))
}

/// ADSB_VEHICLE. Text: a callsign of 8 bytes. Numbers: 8, Unix µs, address, 1e-7 deg north, east, mm above the sea, centidegrees,
/// cm/s, cm/s up, flags, 1 if there may be people in it, s since it was heard.
#[wasm_bindgen]
pub fn adsb_vehicle(link: u32, system: u32) -> u32 {
    Memory::with(|memory| memory.adsb_vehicle(at(link), system as u8))
}
