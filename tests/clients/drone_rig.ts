// A drone as its software has it, on fake sockets, in virtual time, and everything that it tells.
import { FakeTime } from "@std/testing/time";
import { Drone, type DroneSettings, type Refused } from "../../clients/typescript/src/drone.ts";
import { NO_STORE, type RecordStore } from "../../clients/typescript/src/record_store.ts";
import { FakeSocket } from "./fake_socket.ts";

export const EDGE = "ws://edge/v1/telemetry";

export class DroneRig implements Disposable {
  readonly time = new FakeTime(1_760_000_000_000);
  readonly sockets: FakeSocket[] = [];
  /** Of each connection. */
  readonly tokens: (string | null)[] = [];
  readonly problems: Error[] = [];
  readonly acknowledged: number[] = [];
  readonly lost: string[] = [];
  /** Refuses the latest connection, as a server does that answers with a status. */
  refuse = (_: Refused) => {};

  drone(settings: Partial<DroneSettings> = {}, store: RecordStore = NO_STORE): Drone {
    return new Drone({
      ...{ droneId: "d", edges: [EDGE] },
      onAcknowledged: (seqs) => this.acknowledged.push(...seqs),
      onLost: (seqs, reason) => this.lost.push(`${reason} ${seqs.join(" ")}`),
      onProblem: (problem) => this.problems.push(problem),
      ...settings,
    }, {
      connect: (_, token, onRefused) => {
        const fake = new FakeSocket();
        this.sockets.push(fake);
        this.tokens.push(token);
        this.refuse = (refused) => {
          onRefused(refused);
          fake.fail();
        };
        return fake.socket;
      },
      ...{ store, now: () => Date.now(), clock: () => Date.now(), random: () => 0.5 },
      after: (ms, fn) => {
        const timer = setTimeout(fn, ms);
        return () => clearTimeout(timer);
      },
    });
  }

  /** The socket of the latest connection. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** What was said is heard, and promises have gone on. */
  async settled(): Promise<void> {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.time.restore();
  }
}
