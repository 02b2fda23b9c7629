import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { deliver, tellAlerts } from "../../aggregator/sinks/delivery.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { alert, tumbling } from "./fake_pipeline.ts";

/** What edges are told of drones whose alerts opened (`+a`) and closed (`-a`), `a~2` being one that uses a's id. */
function told(changes: string[], openNow: string[] = []): string[] {
  const heard: string[] = [];
  const outputs = changes.map((change): Output => {
    return { type: "alert-open", droneId: change.slice(1), open: change.startsWith("+") };
  });
  tellAlerts(outputs, {
    usedId: (droneId) => droneId.split("~")[0]!,
    openAlertDrones: () => openNow,
    alertsChanged: (all) => heard.push(...all.map(({ droneId, open }) => `${open ? "+" : "-"}${droneId}`)),
  });
  return heard;
}

describe("edges hear of a drone's alerts", () => {
  it("as it is now: once, whatever it was in between", () => {
    assertEquals(told(["+a"]), ["+a"]);
    assertEquals(told(["+a", "-a"]), ["-a"]);
    assertEquals(told(["-a", "+b", "+a"]), ["+a", "+b"]);
    assertEquals(told([]), []);
  });

  it("by the id that it uses, and as long as one of those that use it has one", () => {
    assertEquals(told(["+a~2"]), ["+a"]);
    assertEquals(told(["-a~2"], ["a"]), ["+a"]);
    assertEquals(told(["-a"], ["a"]), ["+a"]);
    assertEquals(told(["-a~2"], ["b"]), ["-a"]);
  });
});

describe("what is safe", () => {
  it("goes to every sink, in order, each output once, and nowhere else", () => {
    const rows: string[] = [];
    const events: string[] = [];
    const outputs: Output[] = [
      tumbling(1),
      { type: "alert", alert: alert(7) },
      { type: "alert-open", droneId: "a", open: true },
      { type: "alert", alert: alert(8) },
    ];
    deliver(outputs, { journalId: "j", index: 1, atUs: 1 }, {
      sqlite: { take: (table) => rows.push(table) > 0 },
      events: { publish: (event) => events.push(event) },
    });
    assertEquals(rows, ["windows", "alerts", "alerts"]);
    assertEquals(events, ["window", "alert", "alert"]);
  });
});
