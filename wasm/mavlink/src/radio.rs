//! How much of what a vehicle sent was lost on the way, by MAVLink's sequence of 8 bits, which each component counts for itself.
const COMPONENTS_MAX: usize = 16;
/// What lies further ahead than half of the sequence lies behind: it was overtaken on the way.
const AHEAD_MAX: u8 = 127;
/// So many in a row that were overtaken are none: the component counts anew.
const OVERTAKEN_MAX: u8 = 3;

pub struct Radio {
    pub heard: u32,
    pub lost: u32,
    components: usize,
    ids: [u8; COMPONENTS_MAX],
    sequences: [u8; COMPONENTS_MAX],
    overtaken: [u8; COMPONENTS_MAX],
}

impl Radio {
    pub const EMPTY: Self = Self {
        heard: 0,
        lost: 0,
        components: 0,
        ids: [0; COMPONENTS_MAX],
        sequences: [0; COMPONENTS_MAX],
        overtaken: [0; COMPONENTS_MAX],
    };

    pub fn hear(&mut self, component: u8, sequence: u8) {
        let Some(at) = self.find(component) else {
            return self.begin(component, sequence);
        };
        let ahead = sequence.wrapping_sub(self.sequences[at]);
        // The same frame twice, by two ways.
        if ahead == 0 {
            return;
        }
        self.heard = self.heard.wrapping_add(1);
        if ahead <= AHEAD_MAX {
            self.lost = self.lost.wrapping_add(u32::from(ahead - 1));
        } else if self.overtaken[at] < OVERTAKEN_MAX {
            self.overtaken[at] += 1;
            self.lost = self.lost.saturating_sub(1);
            return;
        }
        (self.sequences[at], self.overtaken[at]) = (sequence, 0);
    }

    /// A frame whose checksum nobody can tell: it counts if it is the very next one.
    pub fn hear_unknown(&mut self, component: u8, sequence: u8) -> bool {
        let is_next = self.find(component).is_some_and(|at| self.sequences[at].wrapping_add(1) == sequence);
        if is_next {
            self.hear(component, sequence);
        }
        is_next
    }

    fn find(&self, component: u8) -> Option<usize> {
        self.ids[..self.components].iter().position(|id| *id == component)
    }

    fn begin(&mut self, component: u8, sequence: u8) {
        self.heard = self.heard.wrapping_add(1);
        if self.components < COMPONENTS_MAX {
            (self.ids[self.components], self.sequences[self.components]) = (component, sequence);
            self.components += 1;
        }
    }
}
