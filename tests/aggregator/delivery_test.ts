import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tellAlerts } from "../../aggregator/intake/tell_alerts.ts";
import type { Output } from "../../aggregator/outputs.ts";

/** What edges are told of drones whose alerts opened (`+a`) and closed (`-a`), `a~2` being one that uses a's id. */
function told(changes: string[], openNow: string[] = []): string[] {
  const heard: string[] = [];
  const outputs = changes.map((change): Output => {
    return { type: "alert-open", droneId: change.slice(1), open: change.startsWith("+") };
  });
  tellAlerts(outputs, {
    pipeline: { usedId: (droneId) => droneId.split("~")[0]!, openAlertDrones: () => openNow },
    intake: {
      alertsChanged: (all) => void heard.push(...all.map(({ droneId, open }) => `${open ? "+" : "-"}${droneId}`)),
    },
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
