// What a vehicle was told of others and passes on as if it had heard them itself: an autopilot sends its ground stations all
// traffic that it knows.
import type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { addressOf, isOurs } from "../../../wasm/mavlink/addresses.ts";
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";

/** Of places that were told last. */
const PLACES_MAX = 256;

export class Echoes {
  readonly #places = new Set<string>();

  /** A vehicle is told of the other one of a conflict. */
  told({ what }: Alert): void {
    const intruder = what.case === "conflict" ? what.value.intruder : undefined;
    if (!intruder) return;
    this.#places.add(placeOf({ ...intruder, address: addressOf(intruder.id) }));
    if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.values().next().value!);
  }

  /** It is one of ours, or says of another one just what we said. */
  has({ source, address, latE7, lonE7 }: Traffic): boolean {
    if (source !== "ads-b") return false;
    const number = parseInt(address, 16);
    return isOurs(number) || this.#places.has(placeOf({ address: number, latE7, lonE7 }));
  }
}

function placeOf({ address, latE7, lonE7 }: { address: number; latE7: number; lonE7: number }): string {
  return `${address}/${latE7}/${lonE7}`;
}
