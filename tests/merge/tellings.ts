// What a region tells, made by hand.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";

/** Seconds since 1970. */
export const T0_S = 1_790_000_000;

interface Telling {
  region: string;
  /** Seconds from T0; null: it says only how far it is. */
  second?: number | null;
  zone?: string;
  revision?: number;
  drones?: readonly string[];
  /** Where all of them are. */
  cell?: bigint;
  part?: number;
  parts?: number;
  /** Seconds from T0 up to which windows have fired, and are final. */
  fired?: number;
  final?: number;
}

export function telling(
  { region, second = null, zone = "north", drones = [], cell, fired, final, ...rest }: Telling,
): Uint8Array {
  const us = (s: number) => BigInt(Math.round((T0_S + s) * 1e6));
  const window: MessageInitShape<typeof WindowPartialSchema> = second === null ? {} : {
    ...{ fleet: "survey", zone, startUs: us(second), revision: rest.revision ?? 0 },
    drones: drones.map((droneId) => ({ droneId, batteries: 1, ...cell !== undefined && { latestUs: 0, cell } })),
    ...rest.parts !== undefined && { part: rest.part ?? 0, parts: rest.parts },
  };
  return toBinary(
    WindowPartialSchema,
    create(WindowPartialSchema, {
      region,
      ...fired !== undefined && { firedBeforeUs: us(fired) },
      ...final !== undefined && { finalBeforeUs: us(final) },
      ...window,
    }),
  );
}
