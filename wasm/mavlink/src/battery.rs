//! BATTERY_STATUS of each pack, else SYS_STATUS, to Battery: unknown becomes absent, and of what is all unknown there is none.
use crate::payload::Payload;
use crate::vehicle::Body;
use mavlink::dialects::ardupilotmega::{BATTERY_STATUS_DATA, SYS_STATUS_DATA};

pub const FIELD: u32 = 5;
const CHARGE_STATE_MAX: u8 = 7;

/// None: it cannot be read; false: it says nothing.
pub fn write_pack(mut payload: Payload, into: &mut Body) -> Option<bool> {
    let charge_state = payload.take(40);
    for enumeration in [33, 34, 49] {
        payload.take(enumeration);
    }
    let pack: BATTERY_STATUS_DATA = payload.read()?;
    let cells = pack.voltages.iter().filter(|mv| **mv != u16::MAX);
    let further = pack.voltages_ext.iter().filter(|mv| **mv != 0 && **mv != u16::MAX);
    let voltage_mv: u32 = cells.chain(further).map(|mv| u32::from(*mv)).sum();
    let reading = Reading {
        voltage_mv: (voltage_mv != 0).then_some(voltage_mv),
        current_ca: pack.current_battery,
        percent: pack.battery_remaining,
        temperature_cdegc: (pack.temperature != i16::MAX).then(|| pack.temperature.into()),
        charge_state: if charge_state > CHARGE_STATE_MAX { 0 } else { charge_state },
    };
    into.uint32(1, pack.id.into());
    Some(reading.write(into))
}

/// For vehicles that send no BATTERY_STATUS.
pub fn write_system(payload: &Payload, into: &mut Body) -> Option<bool> {
    let system: SYS_STATUS_DATA = payload.read()?;
    let voltage_mv = system.voltage_battery;
    let reading = Reading {
        voltage_mv: (voltage_mv != u16::MAX && voltage_mv != 0).then(|| voltage_mv.into()),
        current_ca: system.current_battery,
        percent: system.battery_remaining,
        temperature_cdegc: None,
        charge_state: 0,
    };
    Some(reading.write(into))
}

struct Reading {
    voltage_mv: Option<u32>,
    /// −1: not measured.
    current_ca: i16,
    /// 0..100; all else: not estimated.
    percent: i8,
    temperature_cdegc: Option<i32>,
    charge_state: u8,
}

impl Reading {
    /// False: nothing is known.
    fn write(&self, into: &mut Body) -> bool {
        let current_ca = (self.current_ca != -1).then(|| self.current_ca.into());
        let remaining_cpct = matches!(self.percent, 0..=100).then(|| self.percent as u32 * 100);
        into.optional_uint32(2, self.voltage_mv);
        into.optional_sint32(3, current_ca);
        into.optional_uint32(4, remaining_cpct);
        into.optional_sint32(5, self.temperature_cdegc);
        into.uint32(6, self.charge_state.into());
        self.voltage_mv.is_some()
            || current_ca.is_some()
            || remaining_cpct.is_some()
            || self.temperature_cdegc.is_some()
            || self.charge_state != 0
    }
}
