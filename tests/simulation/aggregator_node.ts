// The aggregator as one process of the simulated system: its core and intake on a disk and a clock of ours, started,
// killed and started again.
import { OPEN_GATE } from "../../identity/gate.ts";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { type Core, createCore } from "../../aggregator/core/core.ts";
import { Credit } from "../../aggregator/intake/credit.ts";
import { type Decompress, loadDecompress } from "../../aggregator/batch/decompress.ts";
import { Edges } from "../../aggregator/intake/edges.ts";
import { Intake } from "../../aggregator/intake/intake.ts";
import type { Disk } from "../../aggregator/journal/disk.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { encodeDroneAlerts } from "../../aggregator/warnings/drone_alert.ts";
import { Presence } from "../../aggregator/intake/presence.ts";
import { Warnings } from "../../aggregator/warnings/warnings.ts";
import type { StatePiece } from "../../aggregator/pipeline/state/saved.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";
import { Store } from "./store.ts";
import type { World } from "./world.ts";

/** A bug put in on purpose, to see that the oracle finds it. */
export interface AggregatorBug {
  /** Around the disk that the journal writes to. */
  disk?: (disk: MemoryDisk) => Disk;
  /** Done to the state before a checkpoint is restored. */
  restore?: (piece: StatePiece) => void;
}

const TICK_MS = 100;
const FLUSH_MS = 250;
const CHECKPOINT_MS = 1500;
/** How long a sync of a healthy disk takes, on average. */
export const SYNC_MS = 2;
/** Of journals that are meant to let go of segments, and of those that are not. */
const RETAINED_BYTES = { few: 20_000, all: 1 << 30 };
/** What may wait for the journal: so little that a disk which is full for a second makes it lack something, and enough. */
const QUEUE_BYTES = { little: 50_000, enough: 64 << 20 };

export class AggregatorNode {
  readonly #world: World;
  readonly #bug: AggregatorBug;
  /** Segments are let go of while the system runs. */
  readonly forgets: boolean;
  queueBytesMax: number;
  readonly store = new Store();
  disk = new MemoryDisk();
  /** Its wall clock against the world's. */
  clockMs = 1_790_000_000_000;
  /** How long a sync takes. */
  syncMs = SYNC_MS;
  #decompress: Decompress | null = null;
  #core: Core | null = null;
  #opening = false;
  #intake: Intake | null = null;
  #warnings: Warnings | null = null;
  #timers: (() => void)[] = [];
  /** The processes there were. */
  starts = 0;
  /** One of them began behind what a journal lacks, and knows nothing of what was judged then. */
  hasForgotten = false;

  constructor(world: World, bug: AggregatorBug) {
    this.#world = world;
    this.#bug = bug;
    this.forgets = world.random() < 0.25;
    this.queueBytesMax = world.random() < 0.2 ? QUEUE_BYTES.little : QUEUE_BYTES.enough;
  }

  get running(): boolean {
    return this.#intake !== null;
  }

  get core(): Core | null {
    return this.#core;
  }

  async start(): Promise<void> {
    if (this.#core || this.#opening) return;
    this.#opening = true;
    const process = ++this.starts;
    const alive = () => process === this.starts && this.#core !== null;
    const world = this.#world;
    this.#decompress ??= await loadDecompress();
    const { disk, store } = this;
    this.mendSyncs();
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const { restore } = this.#bug;
    if (restore) {
      const whole = pipeline.restore.bind(pipeline);
      pipeline.restore = (state) => {
        const pieces = [...state];
        for (const piece of pieces) restore(piece);
        whole(pieces);
      };
    }
    const platform = {
      nowUs: () => (this.clockMs + world.nowMs) * 1000,
      clock: () => world.nowMs,
      after: (ms: number, fn: () => void) => world.after(ms, () => alive() ? fn() : undefined),
      every: (ms: number, fn: () => void) => world.every(ms, () => alive() ? fn() : undefined),
      log: () => {},
      pseudonym: (id: string) => id,
    };
    // Recovery waits for a sync of the new journal's name: time passes for everybody else.
    const opening = createCore({
      platform,
      disk: this.#bug.disk?.(disk) ?? disk,
      decompress: this.#decompress,
      pipeline,
      retention: { bytesMax: this.forgets ? RETAINED_BYTES.few : RETAINED_BYTES.all, ageUs: 3600e6, keptUs: 1e16 },
      segments: {
        ...{ segmentBytesMax: 8_000, segmentUsMax: 60e6, spacingMs: 4, retryMs: 100, stalledMs: 500 },
        queueBytesMax: this.queueBytesMax,
      },
      warn: (outputs) => {
        if (process !== this.starts) return;
        this.#warnings?.take(outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []));
      },
      deliver: (outputs, place) => {
        if (process !== this.starts) return;
        store.take(outputs, place);
      },
      onLosses: () => {},
      onMissed: () => this.#intake?.resend(),
      drainSinks: () => store.flush(),
      flushSinks: () => store.flush(),
    });
    opening.then((core) => this.#opened(core, { process, platform }));
  }

  /** The disk's syncs succeed again, or as they did. */
  mendSyncs(): void {
    const world = this.#world;
    this.disk.syncing = () => new Promise((resolve) => world.after(this.syncMs * (0.5 + world.random()), resolve));
  }

  /** The process dies; what its disk had not synced is torn. */
  crash(): void {
    if (this.#core) {
      for (const cancel of this.#timers) cancel();
      this.#core = null;
      this.#intake = null;
      this.#warnings = null;
    }
    this.#opening = false;
    this.starts++;
    this.store.crash();
    const { capacity } = this.disk;
    this.disk = this.disk.crashed(this.#world.random);
    this.disk.capacity = capacity;
  }

  /** An edge connects. */
  listen(socket: WebSocket): boolean {
    this.#intake?.accept(socket);
    return this.#intake !== null;
  }

  #opened(
    core: Core,
    { process, platform }: {
      process: number;
      platform: { nowUs: () => number; every: World["every"]; log: () => void };
    },
  ): void {
    if (process !== this.starts) return;
    this.#opening = false;
    this.#core = core;
    this.hasForgotten ||= (core.journalView().recovered?.unjournalled.length ?? 0) > 0;
    const credit = new Credit();
    const { sequencer, pipeline } = core;
    const nowUs = () => Math.round(platform.nowUs());
    const clock = () => this.#world.nowMs;
    const warnings = new Warnings({
      ...{ nowUs, clock },
      usedId: (droneId) => pipeline.usedId(droneId),
      edgeOf: (droneId) => pipeline.edgeOf(droneId),
      edges: () => this.#intake?.edgeIds() ?? [],
      send: (edgeId, warnings) => this.#intake?.send(edgeId, encodeDroneAlerts(warnings)),
      openAlerts: () => pipeline.openAlerts(),
      onReport: () => {},
    });
    this.#warnings = warnings;
    const presence = new Presence({
      ...{ pipeline, sequencer, clock },
      connectionOf: (edgeId) => this.#intake?.connectionOf(edgeId),
      edgeIds: () => this.#intake?.edgeIds() ?? [],
      log: () => {},
    });
    this.#intake = new Intake({ connectionsMax: 16 }, {
      ...{ nowUs, clock, gate: OPEN_GATE, onDenials: () => {} },
      onLeft: (edgeId) => presence.left(edgeId),
      onTwins: () => {},
      onApart: () => {},
      decompress: this.#decompress!,
      decode: decodeBatch,
      sequencer,
      pipeline,
      warnings,
      edges: new Edges(),
      credit,
      onStatus: () => {},
      log: () => {},
    });
    const swallow = () => undefined;
    this.#timers = [
      platform.every(TICK_MS, () => {
        const changed = credit.adjust({ waiting: sequencer.waiting, lagMs: 0, isKeeping: sequencer.isKeeping });
        if (changed) this.#intake?.creditChanged(changed);
        warnings.check();
        presence.reconcile();
        sequencer.tick().catch(swallow);
      }),
      platform.every(FLUSH_MS, () => {
        if (!this.store.locked) this.store.flush();
      }),
      platform.every(CHECKPOINT_MS, () => void core.checkpoint().catch(swallow)),
    ];
  }
}
