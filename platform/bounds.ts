// What computed values may be: each is bounded where it is computed, so that whatever a drone says, what comes of it can
// be sent on.

const U32_MAX = 4_294_967_295;
const S32_MAX = 2_147_483_647;

/** A whole number from `min` to `max`, the nearest there is; `min` for what is not a number. */
export function bounded(value: number, min: number, max: number): number {
  return value > min ? Math.min(max, Math.round(value)) : min;
}

/** As a uint32 of the contract. */
export function u32(value: number): number {
  return bounded(value, 0, U32_MAX);
}

/** As an sint32 of the contract that can be negated. */
export function s32(value: number): number {
  return bounded(value, -S32_MAX, S32_MAX);
}

/** A time of the contract, in Unix µs, as a number; later than a number can tell: the last that it can. */
export function timeUs(value: bigint): number {
  return bounded(Number(value), 0, Number.MAX_SAFE_INTEGER);
}
