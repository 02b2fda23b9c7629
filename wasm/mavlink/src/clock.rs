//! When a vehicle measured: its time since boot, laid over Unix time.
const UNIX_US_2015: u64 = 1_420_070_400_000_000;
/// What an event time must be below: 2^32 seconds.
const UNIX_US_MAX: u64 = (1 << 32) * 1_000_000 - 1;
/// A frame that would have been overtaken for longer than this is of another boot.
const OVERTAKEN_US: u64 = 5_000_000;
/// The quickest arrival is forgotten by so much: two clocks drift apart by less.
const DRIFT: u64 = 10_000;

pub struct Clock {
    heard: bool,
    synced: bool,
    boot_ms: u32,
    /// Unix µs of the boot: by SYSTEM_TIME, or by the quickest arrival seen.
    boot_us: u64,
    /// When `boot_ms`, the newest, came.
    arrived_us: u64,
}

impl Clock {
    pub const EMPTY: Self = Self { heard: false, synced: false, boot_ms: 0, boot_us: 0, arrived_us: 0 };

    /// The vehicle says how long ago it booted. True: it has booted anew.
    pub fn saw_boot_ms(&mut self, boot_ms: u32, now_us: u64) -> bool {
        let fallen_us = u64::from(self.boot_ms.saturating_sub(boot_ms)) * 1000;
        let overtaken_us = now_us.saturating_sub(self.arrived_us) + fallen_us;
        let rebooted = self.heard && fallen_us > 0 && overtaken_us > OVERTAKEN_US;
        if rebooted {
            *self = Self::EMPTY;
        }
        if !self.synced {
            let guess = now_us.saturating_sub(u64::from(boot_ms) * 1000);
            let drifted = self.boot_us + now_us.saturating_sub(self.arrived_us) / DRIFT;
            self.boot_us = if self.heard { guess.min(drifted) } else { guess };
        }
        if boot_ms >= self.boot_ms {
            (self.boot_ms, self.arrived_us) = (boot_ms, now_us);
        }
        self.heard = true;
        rebooted
    }

    pub fn saw_system_time(&mut self, unix_us: u64, boot_ms: u32) {
        if is_unix(unix_us) {
            self.boot_us = unix_us - u64::from(boot_ms) * 1000;
            self.synced = true;
        }
    }

    pub fn at_boot_ms(&self, boot_ms: u32, now_us: u64) -> u64 {
        self.since_boot(u64::from(boot_ms) * 1000, now_us)
    }

    /// Since 1970 or since boot: MAVLink leaves it to the reader.
    pub fn at_usec(&self, usec: u64, now_us: u64) -> u64 {
        match usec {
            unix if is_unix(unix) => unix,
            since if since > 0 && since < UNIX_US_2015 => self.since_boot(since, now_us),
            _ => now_us,
        }
    }

    /// Of a message that carries no time: the newest that the vehicle has named.
    pub fn latest(&self, now_us: u64) -> u64 {
        if self.synced { self.at_boot_ms(self.boot_ms, now_us) } else { now_us }
    }

    fn since_boot(&self, since_us: u64, now_us: u64) -> u64 {
        if self.heard { (self.boot_us + since_us).min(UNIX_US_MAX) } else { now_us }
    }
}

fn is_unix(us: u64) -> bool {
    us > UNIX_US_2015 && us <= UNIX_US_MAX
}
