// A sensor that sees things: now and then a single look has something near in it that is not there.
import { create } from "@bufbuild/protobuf";
import { type ObstacleScan, ObstacleScan_HitSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Look, ObstacleSensor } from "./obstacles.ts";
import type { Random } from "./random.ts";

const RANGE_CM = 600;
/** From one to the next: never two looks running. */
const AFTER_US = [3e6, 8e6] as const;

/** Another sensor, and a hit at about 6 m in a single look every few seconds. */
export class ClutteredSensor implements ObstacleSensor {
  readonly #sensor: ObstacleSensor;
  readonly #random: Random;
  #nextUs: number;

  /** @param sensor sees what is there; startUs in Unix µs. */
  constructor(sensor: ObstacleSensor, { random, startUs }: { random: Random; startUs: number }) {
    this.#sensor = sensor;
    this.#random = random;
    this.#nextUs = startUs + random.whole(0, AFTER_US[1]);
  }

  measure(look: Look): ObstacleScan {
    const scan = this.#sensor.measure(look);
    if (look.atUs < this.#nextUs) return scan;
    const random = this.#random;
    this.#nextUs = look.atUs + random.whole(...AFTER_US);
    const bearingCdeg = random.whole(-4500, 4500);
    scan.hits.push(create(ObstacleScan_HitSchema, { bearingCdeg, rangeCm: RANGE_CM + random.whole(-50, 50) }));
    return scan;
  }
}
