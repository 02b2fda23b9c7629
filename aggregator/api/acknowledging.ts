// Who has seen an alert, whichever it is: those of the pipeline are acknowledged in the journal, those about the system beside it.
import type { Operations } from "../alerts/operations.ts";
import { acknowledgement } from "../audit/acknowledgement.ts";
import type { Done, Sequencer } from "../core/sequencer.ts";

export interface AcknowledgingParts {
  operations: Pick<Operations, "openAlerts" | "acknowledge">;
  sequencer: Pick<Sequencer, "acknowledgeAlert" | "audit">;
}

/** An alert about a journal that cannot be written is acknowledged all the same: the record of it waits. */
export async function acknowledge(
  { operations, sequencer }: AcknowledgingParts,
  seen: { alertId: number; by: string },
): Promise<Done | "unknown"> {
  const alert = operations.openAlerts().find(({ alertId }) => alertId === seen.alertId);
  if (!alert) return await sequencer.acknowledgeAlert(seen);
  operations.acknowledge(seen);
  // Nothing changes for whoever comes second.
  if (alert.acknowledgedBy !== null) return "safe";
  return await sequencer.audit(acknowledgement(seen)) === "safe" ? "safe" : "held";
}
