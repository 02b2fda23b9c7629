// All encounters of a pair, without end: a pure function of the seed, which both partners work out for themselves.
import { Random } from "../random.ts";
import { convergingRound } from "./converging.ts";
import { OPENING_KINDS, openingRound } from "./opening.ts";
import type { Round } from "./round.ts";

/** Streams of pairs, beyond those of drones. */
const PAIR_STREAM = 1_000_000;

/** Conflicts and near-misses in turn; of two pairs that begin with the same kind, one begins with a conflict. */
export function* encounterRounds({ seed, pair }: { seed: number; pair: number }): Generator<Round, never> {
  const random = new Random(seed, PAIR_STREAM + pair);
  const kind = OPENING_KINDS[(pair >> 1) % OPENING_KINDS.length]!;
  let conflict = pair % 2 === 0;
  let round = openingRound(random, { kind, conflict });
  for (;;) {
    yield round;
    conflict = !conflict;
    round = convergingRound(round, { random, conflict });
  }
}
