import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeArrival, encodeArrival } from "../../aggregator/journal/entries.ts";
import { Scene, straight } from "./scene.ts";

function flying(): Scene {
  const scene = new Scene([{ droneId: "d1", slot: 1, at: (s) => s < 3 || s > 4 ? straight({ vnMps: 5 })(s) : null }]);
  scene.flyTo(3);
  return scene;
}

function lose(scene: Scene, { edgeId = "e1", droneIds = ["d1"] } = {}): void {
  scene.take(scene.pipeline.linksLost({ edgeId, droneIds, nowUs: scene.nowUs }));
}

describe("a drone in the air whose edge says that its connection is lost", () => {
  it("is lost at once, once, and until it is heard again", () => {
    const scene = flying();
    lose(scene);
    lose(scene);
    assertEquals(scene.raised("link-loss"), [[3, "critical"]]);
    scene.flyTo(6);
    const resolved = scene.alerts.filter(({ kind, transition }) => kind === "link-loss" && transition === "resolve");
    assertEquals(resolved.map(({ atS }) => atS), [4.1]);
  });

  it("is not, where another edge heard it last, or nobody did", () => {
    const scene = flying();
    lose(scene, { edgeId: "e2" });
    lose(scene, { droneIds: ["d2"] });
    assertEquals(scene.raised("link-loss"), []);
  });

  it("is so when the journal is run again", () => {
    const arrival = { type: "link-losses" as const, edgeId: "e1", droneIds: ["d1", "d2"] };
    const stored = { index: 1, timeUs: 1, body: encodeArrival(arrival) };
    const never = () => ({ malformed: "it holds no batch" });
    assertEquals(decodeArrival(stored, never), arrival);
  });
});
