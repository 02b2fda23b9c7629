// Where results go once they are safe. A sink that is slow or fails never stalls the pipeline, and says what its readers may
// rely on.
import type { DeliveryPlace, Output } from "../outputs.ts";

/** One place that results go to. */
export interface Sink {
  /** For people: how often each result arrives, and what is lost when. */
  readonly guarantee: string;
  /** Takes safe outputs, in order; again after a restart those that it may have had. Neither waits nor throws. */
  deliver(outputs: readonly Output[], place: DeliveryPlace): void;
}
