// One to whom something is sent and cannot be: it throws where the warnings of others follow.
import { create } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zeroCounters } from "../../edge/counters.ts";
import { Connection, type Wire } from "../../edge/drones/connection.ts";
import { Slots } from "../../edge/drones/slots.ts";
import { type Listener, Subscribers } from "../../edge/drones/subscribers.ts";
import { Warnings } from "../../edge/drones/warnings.ts";
import { Guard } from "../../platform/guard.ts";
import { AlertOutcome, type AlertReceipt, DroneAlertSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../proto/words.ts";

const DRONES = ["d1", "d2", "d3"];
const fail = () => {
  throw new RangeError("Port should be > 0 and < 65536");
};

function rig() {
  const [slots, subscribers, counters] = [new Slots(), new Subscribers(), zeroCounters()];
  const [receipts, logged]: [AlertReceipt[], string[]] = [[], []];
  const [sent, closed]: [string[], [who: string, code: number][]] = [[], []];
  const guard = new Guard({ clock: () => 0, log: (_, line) => logged.push(line) });
  const tell = (several: AlertReceipt[]) => void receipts.push(...several);
  const attempt = (fn: () => void) => guard.run(fn);
  const warnings = new Warnings({ slots, subscribers, counters, attempt, tell, nowUs: () => 1000n, clock: () => 0 });
  return {
    ...{ subscribers, counters, sent, closed, logged },
    /** One more connection on which a drone has spoken. */
    connect: (droneId: string, send: Wire["send"] = ({ message }) => sent.push(message.droneId) > 0) => {
      const close = (code: number) => void closed.push([droneId, code]);
      const wire: Wire = {
        protocol: "websocket",
        open: true,
        isReliable: true,
        sentBytes: 0,
        bufferedBytes: 0,
        send,
        close,
      };
      const number = DRONES.indexOf(droneId) + 1;
      const of = { slot: number, droneId, bootId: 1, source: 0 };
      const slot = slots.get(number) ?? slots.add(of, { fleet: "f", zone: "z" });
      slots.spoke(slot, new Connection(wire, { clock: () => 0 }), { nowMs: 0 });
    },
    deliver: () =>
      warnings.deliver(
        DRONES.map((droneId) => create(DroneAlertSchema, { droneId, alert: { alertId: 7n, revision: 1 } })),
      ),
    unreachable: () => receipts.map(({ droneId, outcome }) => [droneId, outcome === AlertOutcome.UNREACHABLE] as const),
  };
}

describe("a connection over which sending throws", () => {
  it("is closed, its drone is called unreachable, and the others of the message are warned", () => {
    const { connect, deliver, sent, closed, unreachable, counters, logged } = rig();
    connect("d1");
    connect("d2", fail);
    connect("d3");
    deliver();
    assertEquals([sent, closed], [["d1", "d3"], [["d2", CloseCode.internalError]]]);
    assertEquals(unreachable(), [["d2", true]]);
    assertEquals([counters.warningsSent, counters.warningsUnreachable, logged.length], [2, 1, 1]);
  });

  it("does not keep the drone from being warned over another one", () => {
    const { connect, deliver, sent, closed, unreachable } = rig();
    for (const droneId of DRONES) {
      connect(droneId, fail);
      connect(droneId);
    }
    deliver();
    assertEquals([sent, closed.length, unreachable()], [DRONES, 3, []]);
  });
});

describe("a subscriber over whom something throws", () => {
  it("keeps no drone from being warned", () => {
    const { connect, deliver, subscribers, sent, unreachable } = rig();
    const listener: Listener = { hear: fail };
    subscribers.add(listener, null);
    for (const droneId of DRONES) connect(droneId);
    deliver();
    assertEquals([sent, unreachable()], [DRONES, []]);
  });
});
