// A batch that the aggregator refuses: sent again once; refused for the same reason twice, it is cut down to what is good;
// after that it is given up. However the aggregator answers, a batch ends.
import type { SlotDefinition } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { type BatchAck, BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";

/**
 * Counts the refusal, and makes slots of the batch void when it is the second one for want of their definitions.
 * @param define definitions of all of the batch's slots that the edge can define
 * @returns true: send it again; false: give it up
 */
export function goesAgain(
  batch: OutboundBatch,
  { verdict, unknownSlots }: Pick<BatchAck, "verdict" | "unknownSlots">,
  define: () => readonly SlotDefinition[],
): boolean {
  const refusals = batch.refusals ??= { unknownSlot: 0, malformed: 0 };
  if (verdict !== BatchVerdict.UNKNOWN_SLOT) return ++refusals.malformed < 2;
  if (++refusals.unknownSlot !== 2) return refusals.unknownSlot < 2;
  const { sealed } = batch;
  sealed.voidSlots = voidSlots(batch, unknownSlots, define());
  return sealed.voidSlots.length > 0;
}

// Those that the aggregator names, else those that the edge cannot define, else all. A batch of an earlier process has
// only its definitions to tell its slots.
function voidSlots(
  { sealed, slots }: OutboundBatch,
  unknownSlots: readonly number[],
  definitions: readonly SlotDefinition[],
): number[] {
  if (slots.length === 0) {
    return [...new Set(unknownSlots.length > 0 ? unknownSlots : sealed.slots.map(({ slot }) => slot))];
  }
  const unknown = new Set(unknownSlots);
  const named = [...slots].filter((slot) => unknown.has(slot));
  if (named.length > 0) return named;
  const definable = new Set(definitions.map(({ slot }) => slot));
  const undefinable = [...slots].filter((slot) => !definable.has(slot));
  return undefinable.length > 0 ? undefinable : [...slots];
}
