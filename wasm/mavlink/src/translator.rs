//! A link's bytes to what follows from them.
use crate::fleet::Fleet;
use crate::frame::{FRAME_BYTES_MAX, Found, Frame, Header};
use crate::link::Count;
use crate::memory::{CHUNK_BYTES, Memory};
use crate::output::Output;
use crate::signing::Verdict;
use crate::vehicle::{Body, Outcome, is_told_of, is_traffic};

/// Ground stations count from 255 downwards; PX4 lets a vehicle be 250 at most.
const VEHICLE_MAX: u32 = 250;

/// Why a push has come to an end; `mavlink/exports.ts` has the same numbers.
pub enum Stop {
    /// All bytes are read; those of a frame that is not whole wait for the rest.
    Done = 0,
    /// The output is full: read it, and resume.
    Full = 1,
    /// A vehicle is heard for the first time: read the output, say who it is, and resume.
    Asks = 2,
}

impl Memory {
    /// As many bytes as were written behind what is left of the link's last frame.
    pub fn push(&mut self, link: usize, bytes: usize, now_us: u64) -> Stop {
        let cut = self.fleet.links[link].take_cut();
        self.at = FRAME_BYTES_MAX - cut.len();
        self.end = FRAME_BYTES_MAX + bytes.min(CHUNK_BYTES);
        self.input[self.at..FRAME_BYTES_MAX].copy_from_slice(cut);
        self.resume(link, now_us)
    }

    pub fn resume(&mut self, link: usize, now_us: u64) -> Stop {
        let Self { input, at, end, asked, output, body, fleet, .. } = self;
        output.clear();
        while output.has_room() {
            let state = &mut fleet.links[link];
            match state.search.next(&input[..*end], at, &mut state.counts[Count::WrongChecksums as usize]) {
                Found::Nothing => {
                    state.keep_cut(&input[*at..*end]);
                    return Stop::Done;
                }
                Found::Unknown(header) => hear_unknown(fleet, link, &header),
                Found::Frame(frame) => match hear(fleet, link, &frame, now_us, output, body) {
                    Some(what) => fleet.links[link].count(what),
                    None => {
                        *at -= frame.raw.len();
                        *asked = frame.header.system as u8;
                        return Stop::Asks;
                    }
                },
            }
        }
        Stop::Full
    }
}

/// None: who this is must be asked.
fn hear(
    fleet: &mut Fleet,
    link: usize,
    frame: &Frame,
    now_us: u64,
    output: &mut Output,
    body: &mut Body,
) -> Option<Count> {
    let Header { component, sequence, id, signed, .. } = frame.header;
    let Some(system) = vehicle_of(&frame.header) else {
        return Some(Count::NoVehicles);
    };
    if fleet.links[link].is_denied(system) {
        return Some(Count::Denied);
    }
    let is_told_of = is_told_of(id);
    let is_wanted = is_told_of || is_traffic(id);
    let Some(vehicle) = fleet.find(link, system) else {
        return if is_wanted { None } else { Some(Count::Unmapped) };
    };
    // What nothing follows from is not worth its signature's proof.
    if !is_wanted {
        if signed || !vehicle.signing.keyed {
            vehicle.radio.hear(component, sequence);
        }
        return Some(Count::Unmapped);
    }
    match vehicle.signing.judge(frame, now_us) {
        Verdict::Unsigned => return Some(Count::Unsigned),
        Verdict::Wrong => return Some(Count::WrongSignatures),
        Verdict::Replayed => return Some(Count::Replayed),
        Verdict::Good => vehicle.radio.hear(component, sequence),
    }
    if !is_told_of {
        output.add_traffic(system, component, id, frame.payload);
        return Some(Count::Traffic);
    }
    body.clear();
    Some(match vehicle.hear(frame, now_us, body) {
        Outcome::Record(record) => {
            vehicle.seq += 1;
            output.add_record(vehicle, &record, body);
            Count::Records
        }
        Outcome::Nothing => Count::Remembered,
        Outcome::Unreadable => Count::Unreadable,
    })
}

fn hear_unknown(fleet: &mut Fleet, link: usize, header: &Header) {
    let Some(vehicle) = vehicle_of(header).and_then(|system| fleet.find(link, system)) else {
        return;
    };
    if vehicle.radio.hear_unknown(header.component, header.sequence) {
        fleet.links[link].count(Count::Unknown);
    }
}

fn vehicle_of(header: &Header) -> Option<u8> {
    (1..=VEHICLE_MAX).contains(&header.system).then_some(header.system as u8)
}
