import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EdgeAlerts } from "../../aggregator/intake/edge_alerts.ts";

const T0 = 1_790_000_000_000_000;

let open: Map<string, string>;
let alerts: EdgeAlerts;

describe("what an edge says of its overload", () => {
  beforeEach(() => {
    open = new Map();
    const degraded = (key: string, { severity }: { severity: string }) => void open.set(key, severity);
    alerts = new EdgeAlerts({ degraded, happened: degraded, restored: (key) => void open.delete(key) });
    for (const edgeId of ["a", "b"]) alerts.judge({ edgeId, status: { level: 2 } });
  });

  it("is an alert from the level on at which it gives data up, and ends below", () => {
    assertEquals([...open], [["edge/a", "warning"], ["edge/b", "warning"]]);
    alerts.judge({ edgeId: "a", status: { level: 3 } });
    assertEquals(open.get("edge/a"), "critical");
    alerts.judge({ edgeId: "a", status: { level: 1 } });
    assertEquals([...open.keys()], ["edge/b"]);
  });

  it("ends when it says good-bye", () => {
    alerts.left("a");
    assertEquals([...open.keys()], ["edge/b"]);
  });

  it("ends when it is away for longer than it would need to come again, and not while it is connected", () => {
    const seen = (edgeId: string, connections: number) => ({ edgeId, connections, lastMessageTimeUs: T0 });
    const check = (edges: ReturnType<typeof seen>[], s: number) => {
      alerts.check(edges, T0 + s * 1e6);
      return [...open.keys()];
    };
    const edges = [seen("a", 0), seen("b", 1)];
    assertEquals(check(edges, 14), ["edge/a", "edge/b"]);
    assertEquals(check(edges, 16), ["edge/b"]);
    assertEquals(check([], 17), [], "an edge that is forgotten");
  });

  it("of two that go by one id is told until one is alone again", () => {
    alerts.twins("b", "Cannot connect as b");
    assertEquals(open.get("edge-id/b"), "critical");
    alerts.twins("b", null);
    assertEquals(open.has("edge-id/b"), false);
  });
});
