//! Frames to vehicles, signed where a vehicle has a key.
use crate::frame::{MAGIC_V2, SIGNED};
use crate::memory::Memory;
use mavlink::dialects::ardupilotmega::*;
use mavlink::{MavlinkVersion, MessageData, calculate_crc};

/// Among the ground stations, and not the one (255) whose silence an autopilot takes for the loss of its operator.
const OUR_SYSTEM: u8 = 254;
/// MAV_COMP_ID_OBSTACLE_AVOIDANCE.
const OUR_COMPONENT: u8 = 196;
const HEADER_BYTES: usize = 10;
const TEXT_CHUNK_BYTES: usize = 50;

impl Memory {
    pub fn collision(&mut self, link: usize, system: u8) -> u32 {
        let [_, now_us, id, threat, seconds, vertical_m, horizontal_m, ..] = self.numbers;
        self.down.clear();
        self.send(
            link,
            system,
            now_us,
            &COLLISION_DATA {
                id: id as u32,
                time_to_minimum_delta: seconds as f32,
                altitude_minimum_delta: vertical_m as f32,
                horizontal_minimum_delta: horizontal_m as f32,
                src: MavCollisionSrc::MAV_COLLISION_SRC_MAVLINK_GPS_GLOBAL_INT,
                action: MavCollisionAction::MAV_COLLISION_ACTION_REPORT,
                threat_level: match threat as u32 {
                    0 => MavCollisionThreatLevel::MAV_COLLISION_THREAT_LEVEL_NONE,
                    1 => MavCollisionThreatLevel::MAV_COLLISION_THREAT_LEVEL_LOW,
                    _ => MavCollisionThreatLevel::MAV_COLLISION_THREAT_LEVEL_HIGH,
                },
            },
        )
    }

    pub fn status_text(&mut self, link: usize, system: u8) -> u32 {
        let [bytes, now_us, severity, ..] = self.numbers;
        let severity = match severity as u32 {
            0 => MavSeverity::MAV_SEVERITY_EMERGENCY,
            1 => MavSeverity::MAV_SEVERITY_ALERT,
            2 => MavSeverity::MAV_SEVERITY_CRITICAL,
            3 => MavSeverity::MAV_SEVERITY_ERROR,
            4 => MavSeverity::MAV_SEVERITY_WARNING,
            5 => MavSeverity::MAV_SEVERITY_NOTICE,
            _ => MavSeverity::MAV_SEVERITY_INFO,
        };
        self.down.clear();
        let text = self.text;
        let text = &text[..(bytes as usize).min(text.len())];
        let id = if text.len() > TEXT_CHUNK_BYTES { self.fleet.links[link].next_text_id() } else { 0 };
        // The zero that tells of a long text's end may need a chunk of its own.
        let chunks = if id == 0 { 1 } else { text.len() / TEXT_CHUNK_BYTES + 1 };
        let mut sent = 0;
        for chunk in 0..chunks {
            let rest = &text[chunk * TEXT_CHUNK_BYTES..];
            let mut text = [0; TEXT_CHUNK_BYTES];
            let len = rest.len().min(TEXT_CHUNK_BYTES);
            text[..len].copy_from_slice(&rest[..len]);
            let message = STATUSTEXT_DATA { severity, text: text.into(), id, chunk_seq: chunk as u8 };
            sent = self.send(link, system, now_us, &message);
        }
        sent
    }

    pub fn adsb_vehicle(&mut self, link: usize, system: u8) -> u32 {
        let [_, now_us, address, lat_e7, lon_e7, alt_msl_mm, heading_cdeg, speed_cms, climb_cms, flags, manned, age_s] =
            self.numbers;
        let mut callsign = [0; 9];
        callsign[..8].copy_from_slice(&self.text[..8]);
        self.down.clear();
        self.send(
            link,
            system,
            now_us,
            &ADSB_VEHICLE_DATA {
                ICAO_address: address as u32,
                lat: lat_e7 as i32,
                lon: lon_e7 as i32,
                altitude: alt_msl_mm as i32,
                heading: heading_cdeg as u16,
                hor_velocity: speed_cms as u16,
                ver_velocity: climb_cms as i16,
                flags: AdsbFlags::from_bits_retain(flags as u16),
                squawk: 0,
                altitude_type: AdsbAltitudeType::ADSB_ALTITUDE_TYPE_GEOMETRIC,
                callsign: callsign.into(),
                emitter_type: if manned != 0.0 {
                    AdsbEmitterType::ADSB_EMITTER_TYPE_NO_INFO
                } else {
                    AdsbEmitterType::ADSB_EMITTER_TYPE_UAV
                },
                tslc: age_s as u8,
            },
        )
    }

    /// Behind what is there already. @returns bytes
    fn send<D: MessageData>(&mut self, link: usize, system: u8, now_us: f64, message: &D) -> u32 {
        let sequence = self.fleet.links[link].next_sequence();
        let Some(vehicle) = self.fleet.find(link, system) else {
            return 0;
        };
        let mut frame = [0; HEADER_BYTES + 255 + 2];
        let payload = message.ser(MavlinkVersion::V2, &mut frame[HEADER_BYTES..HEADER_BYTES + 255]);
        let [id_low, id_middle, id_high, _] = D::ID.to_le_bytes();
        let flags = if vehicle.signing.keyed { SIGNED } else { 0 };
        let header = [payload as u8, flags, 0, sequence, OUR_SYSTEM, OUR_COMPONENT, id_low, id_middle, id_high];
        frame[0] = MAGIC_V2;
        frame[1..HEADER_BYTES].copy_from_slice(&header);
        let end = HEADER_BYTES + payload;
        let checksum = calculate_crc(&frame[1..end], D::EXTRA_CRC).to_le_bytes();
        frame[end..end + 2].copy_from_slice(&checksum);
        self.down.append(&frame[..end + 2]);
        if vehicle.signing.keyed {
            self.down.append(&vehicle.signing.tail(&frame[..end + 2], now_us as u64));
        }
        self.down.as_slice().len() as u32
    }
}
