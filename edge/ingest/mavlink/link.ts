// One MAVLink peer's link: bytes in, telemetry of the vehicles behind it out, and warnings for them back.
import type { Identity } from "../../../identity/identity.ts";
import { CloseCode } from "../../../proto/words.ts";
import type { Mavlink } from "../../../wasm/mavlink.ts";
import type { LinkCounts } from "../../../wasm/mavlink/counts.ts";
import type { MavlinkLink } from "../../../wasm/mavlink/link.ts";
import { warn } from "../../../wasm/mavlink/warning.ts";
import type { Connection, Wire } from "../../drones/connection.ts";
import type { Connections } from "../../drones/connections.ts";
import type { Word } from "../../drones/downlink.ts";
import { Flood } from "../../drones/flood.ts";
import type { Carrier } from "../carrier/carrier.ts";
import type { TrafficReports } from "../traffic/reports.ts";
import { Echoes } from "./echoes.ts";
import type { Systems } from "./systems.ts";
import type { Tally } from "./tally.ts";

export interface LinkParts {
  mavlink: Pick<Mavlink, "open">;
  identity: Identity;
  systems: Systems;
  connections: Pick<Connections, "enter">;
  /** A frame: a view that nobody may keep. */
  receive: (connection: Connection, frame: Uint8Array<ArrayBuffer>) => void;
  tally: Tally;
  /** Vehicles are told where the other one of a conflict is. */
  tellsIntruders: boolean;
  /** What they hear of others. */
  traffic: Pick<TrafficReports, "link">;
  /** Unix ms. */
  now: () => number;
  /** Monotonic ms. */
  clock: () => number;
}

/** Of a site whose vehicles are all on one link. */
const VEHICLES_MAX = 250;
/** That one link has heard before all others: what receivers on board hear, and no more than a liar should fill the sky with. */
const AIRCRAFT_MAX = 128;
/** A peer of which nothing more is known to come from a vehicle is given up. */
const SILENT_MS = 30_000;
/** A noisy radio makes some fifty a second of what only looks like a frame, an autopilot that does not sign as many. */
const BAD = { max: 1000, forgivenPerS: 100 };
/** Of whatever kind: what all vehicles that a link may have send, eighty each a second. */
const ALL = { max: 100_000, forgivenPerS: 20_000 };

export class Link {
  readonly #parts: LinkParts;
  readonly #carrier: Carrier;
  readonly #link: MavlinkLink | null;
  readonly #leave: () => void;
  readonly #bad = new Flood(BAD);
  readonly #echoes = new Echoes();
  readonly #all = new Flood(ALL);
  #badFrames = 0;
  #goodFrames = 0;
  #allFrames = 0;
  #heardMs: number;
  #sentBytes = 0;
  #closed = false;

  constructor(carrier: Carrier, parts: LinkParts) {
    this.#carrier = carrier;
    this.#parts = parts;
    this.#heardMs = parts.clock();
    const { connection, leave } = parts.connections.enter(this.#wire(), parts.identity);
    this.#leave = leave;
    const hear = parts.traffic.link(AIRCRAFT_MAX);
    this.#link = parts.mavlink.open({
      vehiclesMax: VEHICLES_MAX,
      admit: (system) => parts.systems.admit(system),
      onFrame: (frame) => parts.receive(connection, frame),
      onTraffic: (traffic) => {
        if (!this.#echoes.has(traffic)) hear(traffic);
      },
    });
    if (this.#link) parts.tally.opened(this.#link);
    else this.close(CloseCode.policyViolation, "Cannot take a link more: there are as many as there may be");
  }

  /** A piece of the stream. */
  bytes(chunk: Uint8Array): void {
    if (this.#closed || !this.#link) return;
    const nowMs = this.#parts.clock();
    if (!this.#link.push(chunk, Math.floor(this.#parts.now() * 1000))) {
      return this.close(CloseCode.internalError, "The bytes cannot be dealt with");
    }
    const counts = this.#link.counts();
    const [good, bad, all] = [goodOf(counts), badOf(counts), sumOf(Object.values(counts))];
    if (good !== this.#goodFrames) this.#heardMs = nowMs;
    const isBad = bad !== this.#badFrames && this.#bad.add(nowMs, bad - this.#badFrames);
    const isFlood = this.#all.add(nowMs, all - this.#allFrames);
    [this.#goodFrames, this.#badFrames, this.#allFrames] = [good, bad, all];
    if (isBad) this.close(CloseCode.invalidPayload, "Too many frames are broken, not signed, or signed wrongly");
    else if (isFlood) this.close(CloseCode.policyViolation, "More frames than vehicles send");
  }

  /** Once a second. */
  check(nowMs: number): void {
    if (nowMs - this.#heardMs < SILENT_MS) return;
    this.close(CloseCode.policyViolation, "Nothing of a vehicle was heard for too long");
  }

  close(code: number, why: string): void {
    if (this.#closed) return;
    this.closed();
    this.#carrier.close(code, why);
  }

  /** Its carrier has closed. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#link) this.#parts.tally.closing(this.#link);
    this.#link?.close();
    this.#leave();
  }

  #wire(): Wire {
    const [carrier, isOpen] = [this.#carrier, () => !this.#closed];
    const sentBytes = () => this.#sentBytes;
    return {
      protocol: "mavlink",
      isReliable: false,
      get open() {
        return isOpen() && carrier.open;
      },
      get sentBytes() {
        return sentBytes();
      },
      get bufferedBytes() {
        return carrier.bufferedBytes;
      },
      send: (word) => this.#send(word),
      close: (code, why) => this.close(code, why),
    };
  }

  // Of all that is said to drones, MAVLink has words for warnings only.
  #send({ message: { droneId, body } }: Word): boolean {
    const system = this.#parts.systems.systemOf(droneId);
    if (body.case !== "alert" || system === undefined || !this.#link) return false;
    const nowUs = Math.floor(this.#parts.now() * 1000);
    if (this.#parts.tellsIntruders) this.#echoes.told(body.value);
    const frames = warn(this.#link, { system, alert: body.value, nowUs, tellsIntruder: this.#parts.tellsIntruders });
    for (const frame of frames) {
      this.#carrier.send(frame);
      this.#sentBytes += frame.length;
    }
    return frames.length > 0;
  }
}

/** That are proven to be of a vehicle here. */
function goodOf({ records, remembered, traffic, unmapped }: LinkCounts): number {
  return records + remembered + traffic + unmapped;
}

function badOf({ wrongChecksums, wrongSignatures, unsigned, replayed }: LinkCounts): number {
  return wrongChecksums + wrongSignatures + unsigned + replayed;
}

function sumOf(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
