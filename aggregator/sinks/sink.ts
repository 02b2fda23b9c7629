// Where results go once they are safe. A sink that is slow or fails never stalls the pipeline, and says what its readers may
// rely on.
import type { Output } from "../outputs.ts";

/** Where outputs come from. */
export interface DeliveryPlace {
  /** Names the journal: alert numbers of another do not collide with this one's. */
  journalId: string;
  /** The entry's number: it grows whatever its time does. */
  index: number;
  /** Unix µs. */
  atUs: number;
}

/** One place that results go to. */
export interface Sink {
  /** For people: how often each result arrives, and what is lost when. */
  readonly guarantee: string;
  /** Takes safe outputs, in order; again after a restart those that it may have had. Neither waits nor throws. */
  deliver(outputs: readonly Output[], place: DeliveryPlace): void;
}
