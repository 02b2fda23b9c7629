import { fromBinary } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Forgotten, messageWithout } from "../../aggregator/sinks/publishing/forgotten.ts";
import type { Message, TopicKind } from "../../aggregator/sinks/publishing/messages.ts";
import { WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { telling } from "../merge/tellings.ts";

const ERASED: Forgotten = { droneIds: ["drone-1", "drone-1~2"], name: "erased-1", index: 10 };

function message(topic: TopicKind, { key = "", value = "{}" as object | string | Uint8Array, index = 10 }): Message {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(text);
  return { topic, key, path: [key], value: bytes, position: { index, ordinal: 0 } };
}

const left = (of: Message) => messageWithout(of, [ERASED]);
const bodyOf = (of: Message | null) => of && JSON.parse(new TextDecoder().decode(of.value));

describe("what is published of a drone that was erased before", () => {
  it("is no record and no loss, of none that used its id", () => {
    for (const topic of ["telemetry", "losses"] as const) {
      for (const key of ERASED.droneIds) assertEquals(left(message(topic, { key })), null);
      const others = message(topic, { key: "drone-10" });
      assertEquals(left(others), others);
    }
  });

  it("is everything that came behind its erasure", () => {
    const anew = message("telemetry", { key: "drone-1", index: 11 });
    assertEquals(left(anew), anew);
  });

  it("is what others are concerned in, by another name", () => {
    const alert = { message: "drone-1 and drone-2 meet", path: null, conflict: null };
    const alone = message("alerts", { key: "7", value: { ...alert, droneIds: ["drone-1"] } });
    assertEquals(left(alone), null);
    const both = message("alerts", { key: "7", value: { ...alert, droneIds: ["drone-1", "drone-2"] } });
    assertEquals(bodyOf(left(both)), {
      ...alert,
      droneIds: ["erased-1", "drone-2"],
      message: "erased-1 and drone-2 meet",
    });
    const window = { drift: { worstDroneId: "drone-1", worst: 3 } };
    assertEquals(bodyOf(left(message("metrics", { value: window }))), {
      drift: { worstDroneId: "erased-1", worst: 3 },
    });
    const counted = message("metrics", { value: { dronesReporting: 2 } });
    assertEquals(left(counted), counted);
  });

  it("is what it counts in a partial window, not where it was", () => {
    const value = telling({ region: "eu", second: 1, drones: ["drone-1", "drone-1~2", "drone-2"], cell: 77n });
    const { value: without } = left(message("metrics-partial", { value }))!;
    const { drones } = fromBinary(WindowPartialSchema, without);
    assertEquals(drones.map(({ droneId, batteries, cell }) => [droneId, batteries, cell]), [
      ["erased-1", 1, 0n],
      ["erased-1~2", 1, 0n],
      ["drone-2", 1, 77n],
    ]);
  });
});
