import { assertEquals, assertGreater, assertLess, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FileStore } from "../../clients/typescript/src/file_store.ts";
import { FieldError } from "../../clients/typescript/src/problem.ts";
import { records, span } from "./client_rig.ts";
import { DroneRig } from "./drone_rig.ts";
import { hasPython, outputOf, PYTHON, ROOT } from "./installed.ts";

class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "slipstream-outbox-" });
  readonly file = `${this.path}/outbox`;

  /** A new life of the drone's software. */
  open(droneId = "d"): { store: FileStore; bootId: number; lastSeq: number; seqs: number[] } {
    const store = new FileStore(this.file);
    const { bootId, lastSeq, records } = store.open(droneId, 7);
    return { store, bootId, lastSeq, seqs: records.map(({ seq }) => seq) };
  }

  get text(): string {
    return Deno.readTextFileSync(this.file);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

describe("an outbox on disk", () => {
  it("has after a restart what was not acknowledged, under the same boot, and never gives a number twice", () => {
    using folder = new Folder();
    const first = folder.open();
    assertEquals([first.bootId, first.lastSeq, first.seqs], [7, 0, []]);
    first.store.put(records(1, 2, 3));
    first.store.put(records(4));
    first.store.forget([4, 1]);
    const second = folder.open();
    assertEquals([second.bootId, second.lastSeq, second.seqs], [7, 4, [2, 3]]);
    second.store.forget([2, 3]);
    assertEquals([folder.open().seqs, folder.open().lastSeq], [[], 4]);
  });

  it("is sent by the next life of the software, which goes on with the next number", async () => {
    using folder = new Folder();
    using rig = new DroneRig();
    rig.drone({}, new FileStore(folder.file)).send({ battery: {} });
    const drone = rig.drone({}, new FileStore(folder.file));
    assertEquals([drone.send({ battery: {} }), drone.unacknowledged], [[2], 2]);
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[1, 2]]);
    rig.socket.ack(drone.bootId, { firstSeq: 1, lastSeq: 2 });
    await rig.settled();
    assertEquals([rig.acknowledged, folder.open().seqs], [[1, 2], []]);
  });

  it("has all lines but the one that was being written when the process died", () => {
    using folder = new Folder();
    folder.open().store.put(records(1, 2));
    const { text } = folder;
    for (let length = text.indexOf("\n") + 1; length < text.length; length++) {
      Deno.writeTextFileSync(folder.file, text.slice(0, length));
      const whole = text.slice(0, length).split("\n").length - 2;
      assertEquals(folder.open().seqs, span(1, whole));
    }
  });

  it("says what it cannot read, and changes nothing", () => {
    using folder = new Folder();
    folder.open().store.put(records(1, 2));
    const { text } = folder;
    assertThrows(() => folder.open("other"), FieldError, 'is that of "d"');
    Deno.writeTextFileSync(folder.file, text.replace("+ 1", "* 1"));
    assertThrows(() => folder.open(), FieldError, "line 2 of");
    Deno.writeTextFileSync(folder.file, "something else\n");
    assertThrows(() => folder.open(), FieldError, "is no outbox");
    assertEquals(folder.text, "something else\n");
  });

  it("stays short, however much goes through it", () => {
    using folder = new Folder();
    const { store } = folder.open();
    for (let seq = 1; seq <= 20_000; seq++) {
      store.put(records(seq));
      store.forget([seq]);
    }
    assertLess(folder.text.split("\n").length, 4200);
    assertGreater(folder.open().lastSeq, 19_999);
  });

  it("never gives a number twice, also when nothing is left of it", () => {
    using folder = new Folder();
    const { store } = folder.open();
    let seq = 0;
    do {
      store.put(records(++seq));
      store.forget([seq]);
    } while (seq < 5000 && folder.text.split("\n").length > 2);
    assertEquals(folder.open().lastSeq, seq);
  });

  it("is written anew once it can be, when it could not be for a while, and that is told", async () => {
    using folder = new Folder();
    using rig = new DroneRig();
    const drone = rig.drone({ recordsMax: 2 }, new FileStore(folder.file));
    drone.send({ battery: {} });
    Deno.removeSync(folder.path, { recursive: true });
    // Each takes the place of the oldest: the file grows until it is written anew, which is not possible.
    for (let i = 0; i < 10_000 && rig.problems.length === 0; i++) {
      drone.send({ battery: {} });
      await rig.settled();
    }
    assertMatch(rig.problems[0]!.message, /^Cannot keep records in the outbox: .*outbox/);
    Deno.mkdirSync(folder.path);
    const [last] = drone.send({ battery: {} });
    assertEquals([folder.open().seqs, folder.open().lastSeq], [[last! - 1, last], last]);
  });

  it("written by one of the two languages is read by the other", { ignore: !hasPython }, async () => {
    using folder = new Folder();
    folder.open('drähn "1"').store.put(records(1, 2, 3));
    const program = `
import sys
from slipstream.file_store import FileStore
store = FileStore(sys.argv[1])
kept = store.open('drähn "1"', boot_id=9)
print(kept.boot_id, kept.last_seq, [record.seq for record in kept.records])
store.forget([2])`;
    const env = { PYTHONPATH: `${ROOT.pathname}clients/python/src` };
    assertEquals(await outputOf(PYTHON, ["-c", program, folder.file], { env }), "7 3 [1, 2, 3]\n");
    const again = folder.open('drähn "1"');
    assertEquals([again.bootId, again.lastSeq, again.seqs], [7, 3, [1, 3]]);
  });
});
