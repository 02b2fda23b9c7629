import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AnotherWriter, type LastMessage } from "../../aggregator/sinks/publishing/broker.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { type Missed, Partitions } from "../../aggregator/sinks/publishing/partitions.ts";

const [OURS, THEIRS, NAME] = ["journal-2", "journal-3", "alerts/0"];

function message(index: number): Message {
  return { topic: "alerts", key: `${index}`, path: [], value: new Uint8Array(1), position: { index, ordinal: 0 } };
}

/** That the last message is that of an entry; null: nothing is there. */
function at(end: number, index: number | null, journalId = OURS): LastMessage {
  if (index === null) return { end: BigInt(end), journalId: null, position: null };
  return { end: BigInt(end), journalId, position: { index, ordinal: 0 } };
}

const IN_DOUBT = [12, 14, 16].map(message);

/** A partition with ten messages, the last of entry 10; each look is what it has then. */
function looking(...looks: LastMessage[]) {
  const [lost, unseen]: [Missed[], Missed[]] = [[], []];
  const onLost = (missed: Missed) => lost.push(missed);
  const partitions = new Partitions({ journalId: OURS, onLost, onUnseen: (missed) => unseen.push(missed) });
  partitions.look(NAME, { last: at(10, 10), inDoubt: [] });
  for (const last of looks.slice(0, -1)) {
    assertThrows(() => partitions.look(NAME, { last, inDoubt: IN_DOUBT }), Error, "goes on at");
  }
  const look = () => partitions.look(NAME, { last: looks.at(-1)!, inDoubt: IN_DOUBT });
  return { partitions, look, lost, unseen };
}

const indexesOf = (messages: Message[]) => messages.map(({ position }) => position.index);

describe("a partition that is looked at again", () => {
  it("has what its last message says of ours", () => {
    const { partitions, look, lost } = looking(at(12, 14));
    assertEquals(indexesOf(look()), [12, 14]);
    assertEquals(IN_DOUBT.map((of) => partitions.isNew(NAME, of)), [false, false, true]);
    assertEquals(lost, []);
    partitions.sent(NAME, { messages: IN_DOUBT.slice(2), offset: 12n });
    assertThrows(() => partitions.sent(NAME, { messages: [message(20)], offset: 14n }), Error, "not at 13");
  });

  it("and is cut goes on where it ends, once that was seen twice, and says what it has lost", () => {
    for (const [last, arrived, messages] of [[at(7, 7), 0, 3], [at(0, null), 0, 10], [at(11, 14), 2, 1]] as const) {
      const { partitions, look, lost } = looking(last, last);
      assertEquals([look().length, lost], [arrived, [{ name: NAME, messages }]]);
      partitions.sent(NAME, { messages: IN_DOUBT, offset: last.end });
    }
  });

  it("and seems to have less, as more came while it was looked at, has lost nothing", () => {
    const { look, lost } = looking(at(10, 16), at(13, 16));
    assertEquals([indexesOf(look()), lost], [[12, 14, 16], []]);
  });

  it("and has let go what came since is taken to have had the first of what was on its way", () => {
    const { partitions, look, unseen } = looking(at(12, null), at(12, null));
    assertEquals([indexesOf(look()), unseen], [[12, 14], [{ name: NAME, messages: 2 }]]);
    assertEquals(IN_DOUBT.map((of) => partitions.isNew(NAME, of)), [false, false, true]);
    partitions.sent(NAME, { messages: IN_DOUBT.slice(2), offset: 12n });
  });

  it("and has more than was on its way, or what another journal says, is somebody else's as well", () => {
    for (
      const looks of [[at(14, null), at(14, null)], [at(12, 12), at(12, 12)], [at(11, 3, THEIRS)], [at(3, 3, THEIRS)]]
    ) {
      assertThrows(looking(...looks).look, AnotherWriter, "not ours");
    }
  });

  it("and is cut to what a journal before ours wrote is not somebody else's", () => {
    const lost: Missed[] = [];
    const partitions = new Partitions({ journalId: OURS, onLost: (missed) => lost.push(missed), onUnseen: () => {} });
    const last = at(5, 4, "journal-1");
    partitions.look(NAME, { last, inDoubt: [] });
    partitions.sent(NAME, { messages: IN_DOUBT, offset: 5n });
    assertThrows(() => partitions.look(NAME, { last, inDoubt: [] }), Error, "goes on at");
    partitions.look(NAME, { last, inDoubt: [] });
    assertEquals(lost, [{ name: NAME, messages: 3 }]);
  });
});
