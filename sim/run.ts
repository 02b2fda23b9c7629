// A run of traffic against an edge: connects, sends everything when it is due, waits for the acknowledgements, closes.
import type { Platform } from "../platform/system.ts";
import type { FleetProofs } from "./fleet_proofs.ts";
import type { Losses } from "../clients/typescript/src/downlink.ts";
import { connectBy, type Protocol } from "./protocols.ts";
import { type SentCounts, Swarm } from "./swarm.ts";
import type { Emission, Traffic, TrafficPlan } from "./traffic.ts";
import type { GroundTruth } from "./truth.ts";

export interface RunSettings {
  /** Of the edge's telemetry socket. */
  url: string;
  /** Of those of several edges, of which each drone finds the nearest. Default: `url` alone. */
  edges?: readonly string[];
  plan: TrafficPlan;
  /** What drones without proofs speak. Default ws. */
  protocol?: Protocol;
  /** Null: until the traffic ends or `signal` fires. */
  seconds: number | null;
  signal: AbortSignal;
  /**
   * Records are stamped as they are sent, not when they were due, and leave at once: the simulator's own delays are in no
   * latency. Costs it twice the time.
   */
  prompt?: boolean;
  platform: Pick<Platform, "now" | "clock" | "random" | "after">;
  /** Cuts the edge's connection to the aggregator, and heals it, for plans that want that. */
  onCut?: (isCut: boolean) => void;
  /** By which each drone proves who it is; without them nobody asks. */
  proofs?: Pick<FleetProofs, "connect" | "renewAfterMs"> | null;
  /** For all drones together. Default 15 s. */
  connectMsMax?: number;
}

export interface RunSummary {
  scenario: string | null;
  drones: number;
  durationS: number;
  sent: SentCounts & { records: number };
  acknowledged: number;
  unacknowledged: number;
  throttled: number;
  /** Records given up for good, by what the edge said. */
  lost: Losses;
  /** Frames that the edge could not read. */
  faults: number;
  reconnects: number;
  alertsReceived: number;
  /** How much later than due the records left: the simulator's own part of every latency. */
  lagMs: { mean: number; max: number };
}

/** How often what is due is sent: adds half of it to each record's latency. */
const TICK_MS = 2;
/**
 * Traffic sent in one go at most: drones that were kept waiting together do not all speak at once afterwards. Twice the time
 * that lies between two such goes, as it was lately, so that a busy process keeps up; one that is too slow falls behind, and
 * still reads its sockets.
 */
const GO_US_MIN = 10_000;
const GO_US_MAX = 100_000;
/** Of the latest, in how long a turn usually takes. */
const TURN_WEIGHT = 0.1;
const CONNECT_MS_MAX = 15_000;
const DRAIN_MS_MAX = 10_000;
/** After a signal, and where what is missing cannot come soon: it sends so late already. */
const HASTY_DRAIN_MS_MAX = 500;
const LATE_MS_MAX = 1000;
const POLL_MS = 20;

export class Run {
  readonly #settings: RunSettings;
  readonly #swarm: Swarm;
  #traffic: Traffic | null = null;
  #startUs = 0;
  #endUs = 0;
  #sentToUs = 0;
  #alertsReceived = 0;
  readonly #lag = { frames: 0, sumUs: 0, maxUs: 0 };

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#swarm = new Swarm(settings.plan.drones, {
      ...settings.platform,
      ...settings.proofs && { renewAfterMs: () => settings.proofs!.renewAfterMs },
      edges: settings.edges ?? [settings.url],
      connect: (droneId, url) => {
        const { prompt = false, protocol = "ws", proofs, platform: { clock } } = settings;
        return proofs ? proofs.connect(url, droneId) : connectBy({ protocol, url, prompt, clock }, droneId);
      },
      onAlert: () => this.#alertsReceived++,
    });
  }

  /** Null before the first record. */
  get truth(): GroundTruth | null {
    return this.#traffic?.truth() ?? null;
  }

  /** Unix µs of the last record; 0 while running. */
  get endUs(): number {
    return this.#endUs;
  }

  /** How much later than due it sends now, in ms: the machine is too slow for this traffic. At the end: as it was then. */
  get lagMs(): number {
    return this.#startUs === 0 ? 0 : ((this.#endUs || this.#nowUs()) - this.#sentToUs) / 1000;
  }

  /** @throws {Error} when the edge does not answer. */
  async connect(): Promise<void> {
    this.#swarm.open();
    const wanted = this.#settings.plan.drones.length;
    const enough = await this.#until(
      () => this.#settings.signal.aborted || this.#swarm.connected === wanted,
      this.#settings.connectMsMax ?? CONNECT_MS_MAX,
    );
    if (enough) return;
    const { connected } = this.#swarm;
    await this.#swarm.close();
    throw new Error(
      `Cannot connect to ${
        (this.#settings.edges ?? [this.#settings.url]).join(", ")
      }: ${connected} of ${wanted} drones did; is the edge running?`,
    );
  }

  /** Sends until the end, and waits until all is acknowledged. */
  async send(): Promise<void> {
    const { plan, seconds, signal, onCut } = this.#settings;
    this.#startUs = this.#nowUs();
    const untilUs = seconds === null ? Infinity : this.#startUs + seconds * 1e6;
    const traffic = this.#traffic = plan.begin(this.#startUs);
    const drops = [...plan.dropsAfterUs];
    const cuts = plan.cut ? [plan.cut.fromUs, plan.cut.toUs] : [];
    let [lastUs, turnUs] = [this.#startUs, 0];
    this.#sentToUs = this.#startUs;
    while (!signal.aborted && !traffic.ended && this.#nowUs() < untilUs) {
      const nowUs = this.#nowUs();
      turnUs += (nowUs - lastUs - turnUs) * TURN_WEIGHT;
      lastUs = nowUs;
      this.#sentToUs = Math.min(nowUs, this.#sentToUs + Math.min(GO_US_MAX, Math.max(GO_US_MIN, 2 * turnUs)));
      for (const emission of traffic.advance(this.#sentToUs)) this.#send(emission);
      if (nowUs - this.#startUs >= (drops[0] ?? Infinity)) {
        drops.shift();
        this.#swarm.drop();
      }
      if (nowUs - this.#startUs >= (cuts[0] ?? Infinity)) {
        cuts.shift();
        onCut?.(cuts.length === 1);
      }
      await this.#pause(TICK_MS);
    }
    onCut?.(false);
    this.#endUs = this.#nowUs();
    // What a machine that is too slow did not get to is not sent any more.
    const isLate = this.lagMs > LATE_MS_MAX;
    for (const emission of traffic.finish(isLate ? this.#sentToUs : this.#endUs)) this.#swarm.send(emission);
    const isHasty = signal.aborted || isLate;
    const drainMs = isHasty ? HASTY_DRAIN_MS_MAX : DRAIN_MS_MAX;
    await this.#until(() => this.#swarm.unacknowledged === 0, drainMs);
  }

  /** How many drones are connected to each edge. */
  get spread(): Record<string, number> {
    return this.#swarm.spread;
  }

  async close(): Promise<void> {
    await this.#swarm.close();
  }

  summary(): RunSummary {
    const { sent } = this.#swarm;
    const { acknowledgedRecords, throttles, lost, faults, reconnects } = this.#swarm.counters();
    const endUs = this.#endUs || this.#nowUs();
    return {
      scenario: this.truth?.scenario ?? null,
      drones: this.#settings.plan.drones.length,
      durationS: this.#startUs === 0 ? 0 : Math.round((endUs - this.#startUs) / 1e4) / 100,
      sent: { records: sent.position + sent.battery + sent.obstacles, ...sent },
      acknowledged: acknowledgedRecords,
      unacknowledged: this.#swarm.unacknowledged,
      throttled: throttles,
      lost,
      faults,
      reconnects,
      alertsReceived: this.#alertsReceived,
      lagMs: {
        mean: Math.round(this.#lag.sumUs / Math.max(1, this.#lag.frames)) / 1000,
        max: Math.round(this.#lag.maxUs) / 1000,
      },
    };
  }

  #send(emission: Emission): void {
    if (this.#settings.prompt && emission.note === undefined) {
      const eventTimeUs = BigInt(Math.floor(this.#nowUs()));
      for (const record of emission.records) record.eventTimeUs = eventTimeUs;
    }
    this.#swarm.send(emission);
    const lagUs = this.#nowUs() - emission.atUs;
    this.#lag.frames++;
    this.#lag.sumUs += lagUs;
    this.#lag.maxUs = Math.max(this.#lag.maxUs, lagUs);
  }

  #nowUs(): number {
    return this.#settings.platform.now() * 1000;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#settings.platform.after(ms, resolve));
  }

  async #until(done: () => boolean, limitMs: number): Promise<boolean> {
    const { now } = this.#settings.platform;
    const untilMs = now() + limitMs;
    while (!done() && now() < untilMs) await this.#pause(POLL_MS);
    return done();
  }
}
