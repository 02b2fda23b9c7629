// Topics of PX4, as its versions have logged them: of each the fields that are read, and some between them that are not.
import type { Topic } from "./ulog_writer.ts";

export const GLOBAL: Topic = {
  name: "vehicle_global_position",
  fields: [
    ["timestamp_sample", "uint64_t"],
    ["lat", "double"],
    ["lon", "double"],
    ["alt", "float"],
    [
      "alt_ellipsoid",
      "float",
    ],
    ["lat_lon_valid", "bool"],
    ["alt_valid", "bool"],
    ["eph", "float"],
    ["epv", "float"],
  ],
};

/** Before 1.11. */
export const GLOBAL_WITH_VELOCITY: Topic = {
  name: "vehicle_global_position",
  fields: [["lat", "double"], ["lon", "double"], ["alt", "float"], ["vel_n", "float"], ["vel_e", "float"], [
    "vel_d",
    "float",
  ], ["yaw", "float"]],
};

export const LOCAL: Topic = {
  name: "vehicle_local_position",
  fields: [
    ["x", "float"],
    ["y", "float"],
    ["z", "float"],
    ["vx", "float"],
    ["vy", "float"],
    ["vz", "float"],
    [
      "heading",
      "float",
    ],
    ["xy_valid", "bool"],
    ["v_xy_valid", "bool"],
  ],
};

/** From 1.14 on. */
export const GPS: Topic = {
  name: "vehicle_gps_position",
  fields: [
    ["time_utc_usec", "uint64_t"],
    ["latitude_deg", "double"],
    ["longitude_deg", "double"],
    [
      "altitude_msl_m",
      "double",
    ],
    ["eph", "float"],
    ["epv", "float"],
    ["vel_n_m_s", "float"],
    ["vel_e_m_s", "float"],
    ["vel_d_m_s", "float"],
    [
      "fix_type",
      "uint8_t",
    ],
    ["vel_ned_valid", "bool"],
    ["satellites_used", "uint8_t"],
  ],
};

/** Before 1.14. */
export const GPS_IN_INTEGERS: Topic = {
  name: "vehicle_gps_position",
  fields: [
    ["lat", "int32_t"],
    ["lon", "int32_t"],
    ["alt", "int32_t"],
    ["eph", "float"],
    ["epv", "float"],
    [
      "vel_n_m_s",
      "float",
    ],
    ["vel_e_m_s", "float"],
    ["vel_d_m_s", "float"],
    ["fix_type", "uint8_t"],
    ["vel_ned_valid", "bool"],
    [
      "satellites_used",
      "uint8_t",
    ],
  ],
};

export const RECEIVER: Topic = { ...GPS, name: "sensor_gps" };

export const HOME: Topic = {
  name: "home_position",
  fields: [["lat", "double"], ["lon", "double"], ["alt", "float"], ["valid_alt", "bool"]],
};

export const BATTERY: Topic = {
  name: "battery_status",
  fields: [["voltage_v", "float"], ["current_a", "float"], ["remaining", "float"], ["temperature", "float"], [
    "warning",
    "uint8_t",
  ], ["connected", "bool"]],
};

export const RING: Topic = {
  name: "obstacle_distance",
  fields: [
    ["frame", "uint8_t"],
    ["sensor_type", "uint8_t"],
    ["distances", "uint16_t", 72],
    ["increment", "float"],
    [
      "min_distance",
      "uint16_t",
    ],
    ["max_distance", "uint16_t"],
    ["angle_offset", "float"],
  ],
};

export const SENSOR: Topic = {
  name: "distance_sensor",
  fields: [
    ["min_distance", "float"],
    ["max_distance", "float"],
    ["current_distance", "float"],
    [
      "signal_quality",
      "int8_t",
    ],
    ["type", "uint8_t"],
    ["orientation", "uint8_t"],
  ],
};

/** That nothing reads. */
export const ATTITUDE: Topic = { name: "vehicle_attitude", fields: [["q", "float", 4]] };
