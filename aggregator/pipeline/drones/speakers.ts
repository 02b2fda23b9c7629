// Through which edges the present boot of a drone speaks. A drone speaks through one at a time: two that take turns, and bring
// none of the other's records, are two drones whose numbers happen not to meet.

export interface SavedSpeakers {
  edgeId: string;
  turns: number;
  sinceUs: number;
  turnedUs: number;
  repeatedUs: number;
}

/** Turns farther apart belong to a drone that roams. */
const TURN_US_MAX = 1_500_000;
const TURNS_MIN = 6;
const TAKING_TURNS_US = 2_000_000;
/** Two ways of one drone bring each record twice. */
const REPEATED_US = 10_000_000;

export class Speakers {
  #edgeId = "";
  #turns = 0;
  #sinceUs = -Infinity;
  #turnedUs = -Infinity;
  #repeatedUs = -Infinity;

  save(): SavedSpeakers {
    const [edgeId, turns, sinceUs] = [this.#edgeId, this.#turns, this.#sinceUs];
    return { edgeId, turns, sinceUs, turnedUs: this.#turnedUs, repeatedUs: this.#repeatedUs };
  }

  restore({ edgeId, turns, sinceUs, turnedUs, repeatedUs }: SavedSpeakers): void {
    this.#edgeId = edgeId;
    this.#turns = turns;
    this.#sinceUs = sinceUs;
    this.#turnedUs = turnedUs;
    this.#repeatedUs = repeatedUs;
  }

  /** A record came a second time. */
  repeated(nowUs: number): void {
    this.#repeatedUs = nowUs;
  }

  /**
   * A new record came through an edge, `isBehind` another one that has a higher number.
   * @returns true when two have taken turns for so long that they are two, and this one is behind the other
   */
  heard(edgeId: string, { nowUs, isBehind }: { nowUs: number; isBehind: boolean }): boolean {
    if (edgeId === this.#edgeId) return false;
    if (nowUs - this.#turnedUs > TURN_US_MAX) {
      this.#turns = 0;
      this.#sinceUs = nowUs;
    }
    this.#edgeId = edgeId;
    this.#turnedUs = nowUs;
    this.#turns++;
    if (this.#turns < TURNS_MIN || nowUs - this.#sinceUs < TAKING_TURNS_US) return false;
    if (!isBehind || nowUs - this.#repeatedUs <= REPEATED_US) return false;
    this.#turnedUs = -Infinity;
    return true;
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    this.#sinceUs += stepUs;
    this.#turnedUs += stepUs;
    this.#repeatedUs += stepUs;
  }
}
