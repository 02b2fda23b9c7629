//! All memory there is, reserved before the first frame: what would need more is refused.
use crate::fleet::Fleet;
use crate::frame::FRAME_BYTES_MAX;
use crate::output::Output;
use crate::vehicle::Body;
use crate::wire::Message;
use std::cell::RefCell;

pub const CHUNK_BYTES: usize = 1 << 14;
pub const TEXT_BYTES: usize = 256;
pub const NUMBERS: usize = 12;
pub const DOWN_BYTES: usize = 1024;

pub struct Memory {
    /// What a link's cut frame left, then what was pushed: the frame is whole again wherever it was cut.
    pub input: [u8; FRAME_BYTES_MAX + CHUNK_BYTES],
    pub at: usize,
    pub end: usize,
    pub asked: u8,
    pub output: Output,
    /// Frames to a vehicle: six chunks of a text at most.
    pub down: Message<DOWN_BYTES>,
    pub body: Body,
    pub text: [u8; TEXT_BYTES],
    pub numbers: [f64; NUMBERS],
    pub fleet: Fleet,
}

thread_local! {
    // There is one thread. All zero, so that the module's file holds nothing of it.
    static MEMORY: RefCell<Memory> = const {
        RefCell::new(Memory {
            input: [0; FRAME_BYTES_MAX + CHUNK_BYTES],
            at: 0,
            end: 0,
            asked: 0,
            output: Output::EMPTY,
            down: Message::EMPTY,
            body: Body::EMPTY,
            text: [0; TEXT_BYTES],
            numbers: [0.0; NUMBERS],
            fleet: Fleet::EMPTY,
        })
    };
}

impl Memory {
    pub fn with<R>(call: impl FnOnce(&mut Self) -> R) -> R {
        MEMORY.with_borrow_mut(call)
    }
}
