// Every threshold of the pipeline, in one object.
import { BATTERY_DEFAULTS, type BatterySettings } from "./battery.ts";

export interface PipelineSettings {
  /** How much later than a record another one with an earlier event time may arrive and still be on time. */
  outOfOrdernessUs: number;
  edgeIdleUs: number;
  edgesMax: number;
  /** How long after a window's end late records still revise it. */
  allowedLatenessUs: number;
  h3Resolution: number;
  dronesMax: number;
  /** Batch ids remembered, to recognise a batch that is sent again. */
  batchIdsMax: number;
  battery: BatterySettings;
  linkLossUs: number;
  clockGoodUs: number;
  openAlertsMax: number;
  reminderUs: number;
}

export const PIPELINE_DEFAULTS: PipelineSettings = {
  outOfOrdernessUs: 100_000,
  edgeIdleUs: 5_000_000,
  edgesMax: 256,
  allowedLatenessUs: 5_000_000,
  h3Resolution: 9,
  dronesMax: 65_536,
  batchIdsMax: 65_536,
  battery: BATTERY_DEFAULTS,
  linkLossUs: 3_000_000,
  clockGoodUs: 10_000_000,
  openAlertsMax: 16_384,
  reminderUs: 60_000_000,
};
