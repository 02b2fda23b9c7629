// Everything that reads bytes of others.
import type { Target } from "./target.ts";
import { API_HTTP } from "./targets/api_http.ts";
import { BATCHES } from "./targets/batches.ts";
import { CHECKPOINTS } from "./targets/checkpoints.ts";
import { COLUMNS } from "./targets/columns.ts";
import { DATAFLASH } from "./targets/dataflash.ts";
import { DRONE_DOWNLINKS } from "./targets/drone_downlinks.ts";
import { EDGE_DOWNLINKS } from "./targets/edge_downlinks.ts";
import { EDGE_HTTP } from "./targets/edge_http.ts";
import { FLIGHTS } from "./targets/flights.ts";
import { FRAMES } from "./targets/frames.ts";
import { MQTT_PACKETS } from "./targets/mqtt_packets.ts";
import { MAVLINK } from "./targets/mavlink.ts";
import { SBS1 } from "./targets/sbs1.ts";
import { SEGMENTS } from "./targets/segments.ts";
import { SETTINGS } from "./targets/settings.ts";
import { ULOG } from "./targets/ulog.ts";
import { UPLINKS } from "./targets/uplinks.ts";
import { ZONES } from "./targets/zones.ts";

export const TARGETS: readonly Target[] = [
  FRAMES,
  MQTT_PACKETS,
  BATCHES,
  COLUMNS,
  UPLINKS,
  EDGE_DOWNLINKS,
  DRONE_DOWNLINKS,
  SEGMENTS,
  CHECKPOINTS,
  EDGE_HTTP,
  API_HTTP,
  SETTINGS,
  ZONES,
  FLIGHTS,
  ULOG,
  DATAFLASH,
  MAVLINK,
  SBS1,
];
