// Drones that were erased before all that is said of them was published: it is published without them.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type DroneSecond, DroneSecondSchema, WindowPartialSchema } from "../../../proto/gen/slipstream/v1/fleet_pb.ts";
import type { Erased } from "../../outputs.ts";
import { bodyWithout } from "../forgetting/forgetting.ts";
import type { Message } from "./messages.ts";
import { PARTIALS_TOPIC } from "./partials.ts";

/** Nothing of the drone that is from this entry, or from one before it. */
export interface Forgotten extends Erased {
  index: number;
}

const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];

/** What is left of a message; null: it was about nobody else. */
export function messageWithout(message: Message, forgotten: readonly Forgotten[]): Message | null {
  let left: Message | null = message;
  for (const drone of forgotten) if (left && left.position.index <= drone.index) left = without(left, drone);
  return left;
}

function without(message: Message, drone: Forgotten): Message | null {
  const { topic, key, value } = message;
  switch (topic) {
    case "telemetry":
    case "losses":
      return drone.droneIds.includes(key) ? null : message;
    case PARTIALS_TOPIC:
      return { ...message, value: partialWithout(value, drone) };
    default: {
      const body = decoder.decode(value);
      const left = bodyWithout(body, drone);
      if (left === body) return message;
      return left === null ? null : { ...message, value: encoder.encode(left) };
    }
  }
}

/** It counts what the drone did, by the name that stands for it, and says not where that was. */
function partialWithout(value: Uint8Array, { droneIds, name }: Forgotten): Uint8Array {
  const partial = fromBinary(WindowPartialSchema, value);
  if (!partial.drones.some(({ droneId }) => droneIds.includes(droneId))) return value;
  const [first = ""] = droneIds;
  const nobody = (drone: DroneSecond) => {
    const { droneId, nearDuplicates, batteries, obstacles, positions, speedSumCms, downSumCms, charges } = drone;
    if (!droneIds.includes(droneId)) return drone;
    const counted = { nearDuplicates, batteries, obstacles, positions, speedSumCms, downSumCms, charges };
    return create(DroneSecondSchema, { droneId: name + droneId.slice(first.length), ...counted });
  };
  return toBinary(WindowPartialSchema, { ...partial, drones: partial.drones.map(nobody) });
}
