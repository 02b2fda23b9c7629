// A receiver of ADS-B that writes SBS-1 to whoever connects, such as dump1090: connected to for as long as the edge runs, and
// again, each time a little later, when it is gone or silent. It is sent nothing.
import type { Platform } from "../../../platform/system.ts";
import type { Dial, Dialled } from "../../../platform/stream_client.ts";
import type { Counters } from "../../counters.ts";
import type { Place } from "../../settings/traffic.ts";
import type { Hear } from "../traffic/reports.ts";
import { Lines } from "./lines.ts";
import { readSbs1 } from "./message.ts";
import { Sbs1Picture } from "./picture.ts";

export interface ReceiverParts extends Pick<Platform, "clock" | "after" | "random" | "log"> {
  place: Place;
  dial: Dial;
  hear: Hear;
  counters: Pick<Counters, "sbs1Lines" | "sbs1Unreadable">;
}

const RETRY_MS = { min: 500, max: 30_000 } as const;
/** A receiver that hears nobody sends an empty line each minute: one that does not even do so is cut off. */
const SILENT_MS = 150_000;

export class Sbs1Receiver {
  readonly #parts: ReceiverParts;
  readonly #picture = new Sbs1Picture();
  #failures = 0;
  #isConnected = false;
  #dialled: Dialled | null = null;
  #heardMs = 0;
  #cancelRetry = () => {};
  #cancelWatch = () => {};
  #isStopped = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  start(): void {
    const { place, dial, clock } = this.#parts;
    const lines = new Lines();
    this.#heardMs = clock();
    this.#dialled = dial(place, {
      opened: () => this.#opened(),
      bytes: (bytes) => {
        this.#heardMs = clock();
        lines.push(bytes, (line) => this.#line(line));
      },
      closed: (why) => this.#closed(why),
    });
    this.#watch();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#cancelWatch();
    this.#dialled?.close();
  }

  #watch(): void {
    const { after, clock } = this.#parts;
    this.#cancelWatch = after(this.#heardMs + SILENT_MS - clock(), () => {
      if (clock() - this.#heardMs < SILENT_MS) return this.#watch();
      this.#dialled?.close();
      this.#closed(`it has said nothing for ${SILENT_MS / 1000} s`);
    });
  }

  #opened(): void {
    this.#isConnected = true;
    this.#parts.log("info", `hears ADS-B of ${nameOf(this.#parts.place)}`);
  }

  #line(line: string | null): void {
    const { counters, clock, hear } = this.#parts;
    if (line === "" || this.#isStopped) return;
    const message = line === null ? null : readSbs1(line);
    counters.sbs1Lines++;
    if (message === null) {
      // STA, AIR and the like say nothing of where anybody is.
      if (!/^(?:STA|AIR|ID|CLK|SEL),/.test(line ?? "")) counters.sbs1Unreadable++;
      return;
    }
    this.#failures = 0;
    const traffic = this.#picture.take(message, clock());
    if (traffic) hear(traffic);
  }

  #closed(why: string): void {
    this.#cancelWatch();
    if (this.#isStopped) return;
    const { after, random, log, place } = this.#parts;
    if (this.#isConnected || this.#failures === 0) log("warn", `hears no ADS-B of ${nameOf(place)}: ${why}`);
    this.#isConnected = false;
    const waitMs = Math.min(RETRY_MS.max, RETRY_MS.min * 2 ** this.#failures++);
    this.#cancelRetry = after(waitMs * (0.5 + random() / 2), () => this.start());
  }
}

function nameOf({ host, port }: Place): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
