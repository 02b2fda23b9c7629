//! All links and their vehicles: as many as there is room for, and no more.
use crate::link::Link;
use crate::vehicle::Vehicle;

const LINKS: usize = 4096;
const VEHICLES: usize = 4096;

pub struct Fleet {
    pub links: [Link; LINKS],
    pub vehicles: [Vehicle; VEHICLES],
}

impl Fleet {
    pub const EMPTY: Self =
        Self { links: [const { Link::EMPTY }; LINKS], vehicles: [const { Vehicle::EMPTY }; VEHICLES] };

    /// None: there are as many as there may be.
    pub fn open(&mut self, vehicles_max: u32) -> Option<usize> {
        let free = self.links.iter().position(|link| !link.used)?;
        (self.links[free].used, self.links[free].vehicles_max) = (true, vehicles_max);
        Some(free)
    }

    pub fn close(&mut self, link: usize) {
        let mut next = self.links[link].first;
        while next > 0 {
            let vehicle = &mut self.vehicles[usize::from(next) - 1];
            next = vehicle.next;
            *vehicle = Vehicle::EMPTY;
        }
        self.links[link] = Link::EMPTY;
    }

    /// A vehicle of a link, by its system.
    pub fn find(&mut self, link: usize, system: u8) -> Option<&mut Vehicle> {
        let mut next = self.links[link].first;
        while next > 0 {
            let at = usize::from(next) - 1;
            if self.vehicles[at].system == system {
                return Some(&mut self.vehicles[at]);
            }
            next = self.vehicles[at].next;
        }
        None
    }

    /// One more vehicle of a link; none: it has as many as it may have, or all links together have.
    pub fn add(&mut self, link: usize, system: u8) -> Option<&mut Vehicle> {
        if self.links[link].vehicles >= self.links[link].vehicles_max || self.find(link, system).is_some() {
            return None;
        }
        let free = self.vehicles.iter().position(|vehicle| !vehicle.used)?;
        (self.vehicles[free].used, self.vehicles[free].system) = (true, system);
        self.vehicles[free].next = self.links[link].first;
        self.links[link].first = free as u16 + 1;
        self.links[link].vehicles += 1;
        Some(&mut self.vehicles[free])
    }
}
