import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { JournalWatch } from "../../aggregator/core/journal_watch.ts";

function rig() {
  const told: string[] = [];
  const watch = new JournalWatch({
    log: (level) => told.push(level),
    operations: {
      degraded: (key, { message }) => told.push(`${key}: ${message.split(/[:;] /)[1]}`),
      restored: (key) => told.push(`${key} works`),
    },
  });
  return { watch, told };
}

describe("JournalWatch", () => {
  it("tells an error at once, logs it once, and that it is over", () => {
    const { watch, told } = rig();
    watch.failed(new Error("No space left on device"));
    watch.failed(new Error("Input/output error"));
    watch.look(true);
    watch.look(true);
    watch.recovered();
    watch.look(false);
    const [full, broken] = ["journal: No space left on device", "journal: Input/output error"];
    assertEquals(told, ["warn", full, broken, "info", "journal works"]);
  });

  it("tells of a disk that does not answer, which raises no error, and not of one that hesitates", () => {
    const { watch, told } = rig();
    for (const isFailing of [true, false, true, false]) watch.look(isFailing);
    assertEquals(told, []);
    for (const isFailing of [true, true, true, false, false]) watch.look(isFailing);
    assertEquals(told, ["warn", "journal: its disk does not answer", "info", "journal works"]);
  });
});
