// Has the journal say with which settings of its environment the aggregator was started, when they are others than the last
// time: a change of the configuration, which nobody else tells.
import type { EnvironmentValues } from "../audit/environment.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Sequencer } from "./sequencer.ts";

export interface StartedParts {
  pipeline: Pick<Pipeline, "operated">;
  sequencer: Pick<Sequencer, "started">;
  environment: EnvironmentValues;
}

/** Does nothing when it is recorded already; while the journal cannot be written it is not. */
export async function recordStart({ pipeline, sequencer, environment }: StartedParts): Promise<void> {
  if (JSON.stringify(pipeline.operated.environment) === JSON.stringify(environment)) return;
  await sequencer.started(environment);
}
