// Where reading goes on after a restart, so that nothing that is not final is missing: it stands with what is published.

export interface Place {
  /** Grows from one to the next. */
  step: number;
  /** Windows that end up to here are final. */
  finalS: number;
  /** By region: the first message that is needed. */
  offsets: Record<string, string>;
  /** By region that lacks something: of windows that begin before this it has not told all. */
  sinceS: Record<string, number>;
}

export const NOWHERE: Place = { step: 0, finalS: 0, offsets: {}, sinceS: {} };

/** No clock that anybody should believe is wrong by more. */
export const AHEAD_S_MAX = 86_400;
const OFFSET = /^\d{1,19}$/;

/** @returns null: no merger wrote that */
export function readPlace(text: string): Place | null {
  try {
    const place = { ...NOWHERE, ...JSON.parse(text) } as Place;
    const isRight = Number.isSafeInteger(place.step) && Number.isFinite(place.finalS) &&
      Object.values(place.offsets).every((offset) => OFFSET.test(offset)) &&
      Object.values(place.sinceS).every(Number.isFinite);
    return isRight ? place : null;
  } catch {
    return null;
  }
}

/** The same; with nothing but its step, so that the next one counts, where no window can be final that it says is. */
export function believed(place: Place, nowS: number): Place {
  return place.finalS <= nowS + AHEAD_S_MAX ? place : { ...NOWHERE, step: place.step };
}
