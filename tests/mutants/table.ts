// All mutants, and those that were alive once and must never be again.
import { AGGREGATOR_MUTANTS } from "./aggregator.ts";
import { AIRSPACE_MUTANTS } from "./airspace.ts";
import { DEPLOY_MUTANTS } from "./deploy.ts";
import { DEPLOY_FLINK_MUTANTS } from "./deploy_flink.ts";
import { DOCTOR_MUTANTS } from "./doctor.ts";
import { DOOR_MUTANTS } from "./doors.ts";
import { DRONE_CLIENT_MUTANTS } from "./drone_client.ts";
import { EDGE_MUTANTS } from "./edge.ts";
import { EDGE_LIFE_MUTANTS } from "./edge_life.ts";
import { EXPORT_MUTANTS } from "./exports.ts";
import { FULL_DISK_MUTANTS } from "./full_disk.ts";
import { GATE_MUTANTS } from "./gate.ts";
import { HOSTILE_MUTANTS } from "./hostile.ts";
import { HEARING_MUTANTS } from "./hearing.ts";
import { HOT_PATH_MUTANTS } from "./hot_path.ts";
import { IDENTITY_MUTANTS } from "./identity.ts";
import { ISOLATION_MUTANTS } from "./isolation.ts";
import { KAFKA_MUTANTS } from "./kafka.ts";
import { LOG_MUTANTS } from "./logs.ts";
import { MQTT_MUTANTS } from "./mqtt.ts";
import { MAVLINK_MUTANTS } from "./mavlink.ts";
import { MAVLINK_EDGE_MUTANTS } from "./mavlink_edge.ts";
import { MERGE_MUTANTS } from "./merge.ts";
import { MERGE_LIMIT_MUTANTS } from "./merge_limits.ts";
import type { Mutant } from "./mutant.ts";
import { NODE_MUTANTS } from "./node.ts";
import { OPERATOR_MUTANTS } from "./operators.ts";
import { PARITY_MUTANTS } from "./parity.ts";
import { PEOPLE_MUTANTS } from "./people.ts";
import { PIPELINE_MUTANTS } from "./pipeline.ts";
import { PRIVACY_MUTANTS } from "./privacy.ts";
import { PUBLISHER_MUTANTS } from "./publisher.ts";
import { PUBLISHING_MUTANTS } from "./publishing.ts";
import { RELEASE_MUTANTS } from "./release.ts";
import { SERVER_MUTANTS } from "./server.ts";
import { TRACING_MUTANTS } from "./tracing.ts";
import { TRAFFIC_MUTANTS } from "./traffic.ts";
import { TRAFFIC_EDGE_MUTANTS } from "./traffic_edge.ts";
import { UPGRADE_MUTANTS } from "./upgrade.ts";
import { WEBHOOK_MUTANTS } from "./webhooks.ts";

export const MUTANTS: readonly Mutant[] = [
  ...EDGE_MUTANTS,
  ...EDGE_LIFE_MUTANTS,
  ...HOT_PATH_MUTANTS,
  ...AGGREGATOR_MUTANTS,
  ...FULL_DISK_MUTANTS,
  ...EXPORT_MUTANTS,
  ...DOCTOR_MUTANTS,
  ...DOOR_MUTANTS,
  ...DEPLOY_MUTANTS,
  ...DEPLOY_FLINK_MUTANTS,
  ...GATE_MUTANTS,
  ...HOSTILE_MUTANTS,
  ...IDENTITY_MUTANTS,
  ...LOG_MUTANTS,
  ...MAVLINK_MUTANTS,
  ...MAVLINK_EDGE_MUTANTS,
  ...MERGE_MUTANTS,
  ...MERGE_LIMIT_MUTANTS,
  ...SERVER_MUTANTS,
  ...TRACING_MUTANTS,
  ...NODE_MUTANTS,
  ...PARITY_MUTANTS,
  ...PEOPLE_MUTANTS,
  ...ISOLATION_MUTANTS,
  ...PIPELINE_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...HEARING_MUTANTS,
  ...AIRSPACE_MUTANTS,
  ...DRONE_CLIENT_MUTANTS,
  ...KAFKA_MUTANTS,
  ...MQTT_MUTANTS,
  ...PRIVACY_MUTANTS,
  ...PUBLISHER_MUTANTS,
  ...PUBLISHING_MUTANTS,
  ...TRAFFIC_MUTANTS,
  ...TRAFFIC_EDGE_MUTANTS,
  ...UPGRADE_MUTANTS,
  ...WEBHOOK_MUTANTS,
  ...RELEASE_MUTANTS,
];

/** Found alive in all suites together: one survivor of these is one too many. */
export const MUST_DIE: ReadonlySet<string> = new Set([
  "conflict-warnings-without-hysteresis",
  "critical-conflicts-without-hysteresis",
  "near-duplicates-confirm-no-track",
  "checkpoint-without-flushing-the-sinks",
  "flags-of-positions-of-any-boot",
  "flags-of-batteries-of-any-boot",
  "escalation-stays-acknowledged",
  "battery-recovers-without-debounce",
  "density-by-the-earliest-position",
  "clock-offset-kept-ten-times-longer",
  "folder-not-synced-after-a-new-segment",
  "abandoned-segment-not-cut",
]);
