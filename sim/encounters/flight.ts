// One drone of a pair, as the script has it.
import type { Flight, FlightState } from "../flight.ts";
import { courseOf } from "../geo.ts";
import { positionAt, type Round, STILL } from "./round.ts";

/** Which drone it is, and who wants to know. */
export interface EncounterFlightSettings {
  /** Which of the tracks it flies. */
  side: 0 | 1;
  /** A round begins. */
  onRound: (round: Round) => void;
}

/** Round after round; positions are relative to the pair's site. */
export class EncounterFlight implements Flight {
  readonly state: FlightState;
  readonly #rounds: Iterator<Round, never>;
  readonly #settings: EncounterFlightSettings;
  #round: Round;
  #ageS = 0;

  constructor(rounds: Iterator<Round, never>, settings: EncounterFlightSettings) {
    this.#rounds = rounds;
    this.#settings = settings;
    this.#round = this.#begin();
    this.state = { position: STILL, velocity: STILL, headingRad: 0, phase: "leg" };
    this.advance(0);
  }

  advance(dtS: number): void {
    this.#ageS += dtS;
    while (this.#ageS >= this.#round.endS) this.#round = this.#begin();
    const track = this.#round.tracks[this.#settings.side];
    const flies = this.#ageS < track.stopS;
    this.state.position = positionAt(track, this.#ageS);
    this.state.velocity = flies ? track.velocity : STILL;
    this.state.phase = flies ? "leg" : "hover";
    this.state.headingRad = courseOf(track.velocity);
  }

  #begin(): Round {
    const round = this.#rounds.next().value;
    this.#settings.onRound(round);
    return round;
  }
}
