import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertBook } from "../../aggregator/console/alert_book.js";
import { merged } from "../../aggregator/console/alert_list.js";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { alert as event, TIME_US } from "../aggregator/fake_pipeline.ts";

const alert = (alertId: number, over: Partial<AlertEvent> = {}) =>
  event(alertId, { raisedTimeUs: TIME_US + alertId, ...over });
const ids = (alerts: { alertId: number }[]) => alerts.map(({ alertId }) => alertId);

describe("AlertBook", () => {
  it("has the severest first, of them those that nobody has seen, of them the newest", () => {
    const book = new AlertBook();
    book.apply(alert(1, { severity: "critical", acknowledgedBy: "me" }));
    book.apply(alert(2, { severity: "warning" }));
    book.apply(alert(3, { severity: "critical" }));
    book.apply(alert(4, { severity: "warning" }));
    book.apply(alert(5, { severity: "critical" }));
    assertEquals([ids(book.open()), book.counts()], [[5, 3, 1, 4, 2], { open: 5, critical: 3 }]);
  });

  it("keeps what ended for an hour, by the aggregator's clock, the latest first", () => {
    const book = new AlertBook();
    for (const id of [1, 2]) {
      book.apply(alert(id));
      book.apply(alert(id, { transition: "resolve", revision: 2, changedTimeUs: TIME_US + id * 1e6 }));
    }
    assertEquals([book.size, ids(book.resolved(TIME_US + 60e6))], [0, [2, 1]]);
    assertEquals(ids(book.resolved(TIME_US + 3601.5e6)), [2]);
  });

  it("believes the higher revision, whichever way it came", () => {
    const book = new AlertBook();
    const spokenOf = book.asking();
    book.apply(alert(1, { revision: 3, severity: "critical" }));
    book.apply(alert(2, { transition: "resolve", revision: 5 }));
    assertEquals(book.apply(alert(1, { revision: 2 })), false);
    book.loaded(spokenOf, [alert(1, { revision: 1 }), alert(2, { revision: 4 }), alert(3)]);
    assertEquals(ids(book.open()), [1, 3]);
    assertEquals(book.open()[0].severity, "critical");
  });

  it("ends what a list no longer has, but not what was raised after it was asked for", () => {
    const book = new AlertBook();
    book.apply(alert(1));
    const spokenOf = book.asking();
    book.apply(alert(2));
    assertEquals(book.loaded(spokenOf, []), true);
    assertEquals([ids(book.open()), ids(book.resolved(TIME_US))], [[2], [1]]);
    book.loaded(book.asking(), [], { complete: false });
    book.loaded(book.asking(), null);
    assertEquals(ids(book.open()), [2], "nothing is ended by a list that was cut, or never came");
  });

  it("does not take an alert of a new journal for one of an old that had its number", () => {
    const book = new AlertBook();
    book.remember([alert(1, { transition: "resolve", revision: 9, raisedTimeUs: TIME_US - 5e6 })]);
    assertEquals(book.apply(alert(1, { revision: 1 })), true);
    assertEquals([ids(book.open()), ids(book.resolved(TIME_US))], [[1], [1]]);
  });

  it("knows the worst of each drone", () => {
    const book = new AlertBook();
    book.apply(alert(1, { severity: "critical", droneIds: ["a", "b"] }));
    book.apply(alert(2, { severity: "warning", droneIds: ["b", "c"] }));
    assertEquals([...book.severities()], [["a", "critical"], ["b", "critical"], ["c", "warning"]]);
  });
});

describe("merged", () => {
  const rows = (text: string) => [...text];

  it("is the order that should be, with what has ended where it stood", () => {
    assertEquals(merged(rows("dabc"), rows("aXbc"), { isHeld: false }).join(""), "dXabc");
    assertEquals(merged(rows("ab"), rows("X"), { isHeld: false }).join(""), "Xab");
  });

  it("moves nothing that somebody's hand is on, and puts what is new in its place among it", () => {
    assertEquals(merged(rows("cdab"), rows("abXc"), { isHeld: true }).join(""), "dabXc");
    assertEquals(merged(rows("abz"), rows("ab"), { isHeld: true }).join(""), "abz");
    assertEquals(merged(rows("na"), rows("a"), { isHeld: true }).join(""), "na");
    assertEquals(merged(rows("na"), rows("Xa"), { isHeld: true }).join(""), "Xna");
  });
});
