// What becomes of a batch's records when the aggregator has answered: journalled, and their drones told so; or lost, or
// given back, told so, in the ledger, and no longer known, so that a record which its drone repeats is a new one.
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import type { Acknowledgements } from "../drones/acknowledgements.ts";
import type { Keeper } from "./keeper.ts";
import type { LossLog } from "../overload/loss_log.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";
import type { Slots } from "../drones/slots.ts";

export interface SettlementParts {
  hotPath: Pick<HotPath, "settle" | "forget">;
  slots: Slots;
  acknowledgements: Acknowledgements;
  losses: LossLog;
  keeper: Pick<Keeper, "drop"> | null;
}

export class Settlement {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** It is journalled, but for the records of void slots. Again for a replayed batch: that was settled then. */
  accepted(batch: OutboundBatch): void {
    if (batch.acknowledged) return;
    const { hotPath, slots, acknowledgements, losses, keeper } = this.#parts;
    const { kept, lost } = split(batch);
    const isVoid = new Set(batch.sealed.voidSlots);
    slots.markKnown(batch.slots.filter((slot) => !isVoid.has(slot)), batch.definedAt);
    hotPath.settle(kept);
    acknowledgements.settle(kept);
    if (isVoid.size > 0) losses.note("records of slots that nobody can define", lost.length / 2);
    this.#lose(lost);
    keeper?.drop(batch.key);
  }

  /** It never will be; `reason` as the aggregator says it. A replayed batch is in the journal: nothing is lost. */
  rejected(batch: OutboundBatch, reason: string): void {
    const { losses, keeper } = this.#parts;
    if (!batch.acknowledged) {
      losses.note("records that the aggregator cannot accept", batch.sealed.records, reason || "it does not say why");
      this.#lose(batch.receipt);
    }
    keeper?.drop(batch.key);
  }

  /** There is no room for it: its drones keep its records, and send them again later. */
  givenBack(batch: OutboundBatch): void {
    const { hotPath, acknowledgements, losses, keeper } = this.#parts;
    if (!batch.acknowledged) {
      losses.note("records given back to their drones, for want of room", batch.sealed.records);
      hotPath.forget(batch.receipt);
      acknowledgements.giveBack(batch.receipt);
    }
    keeper?.drop(batch.key);
  }

  /** No batch can hold them: their drones keep them, and send them again later. */
  unsealable(receipt: Uint32Array): void {
    const { hotPath, acknowledgements, losses } = this.#parts;
    losses.note("records given back to their drones, as they cannot be sealed", receipt.length / 2);
    hotPath.forget(receipt);
    acknowledgements.giveBack(receipt);
  }

  #lose(receipt: Uint32Array): void {
    if (receipt.length === 0) return;
    this.#parts.hotPath.forget(receipt);
    this.#parts.acknowledgements.loseAll(receipt, RefusalReason.REJECTED);
  }
}

/** The (slot, seq) pairs of a batch by whether their slot is void. */
function split({ receipt, sealed }: OutboundBatch): { kept: Uint32Array; lost: Uint32Array } {
  if (sealed.voidSlots.length === 0) return { kept: receipt, lost: new Uint32Array() };
  const isVoid = new Set(sealed.voidSlots);
  const kept = receipt.filter((_, word) => !isVoid.has(receipt[word - word % 2]!));
  return { kept, lost: receipt.filter((_, word) => isVoid.has(receipt[word - word % 2]!)) };
}
