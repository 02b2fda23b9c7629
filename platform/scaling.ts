// How many replicas are wanted: one more when something has been too high for two minutes, one fewer when all would be low enough
// without it for ten. Pure: what is remembered goes in and comes out, and time with it.

/** What says how much there is to do: the mean of all replicas, or of all together; null: nobody can tell. */
export interface Signals {
  /** Of a core each. */
  cpuPct: number | null;
  /** How late event loops come. */
  lagMs: number | null;
  /** Of the places that there are. */
  connectionsPct: number | null;
  /** How long the oldest has waited. */
  backlogMs: number | null;
}

/** Above it one more is wanted; shared: with fewer replicas there is more of it for each. */
const LIMITS: Record<keyof Signals, { name: string; unit: string; high: number; isShared: boolean }> = {
  cpuPct: { name: "cpu", unit: "%", high: 70, isShared: true },
  lagMs: { name: "lag", unit: "ms", high: 100, isShared: false },
  connectionsPct: { name: "connections", unit: "%", high: 80, isShared: true },
  backlogMs: { name: "backlog", unit: "ms", high: 2000, isShared: false },
};
const NAMES = Object.keys(LIMITS) as (keyof Signals)[];

export interface Load {
  /** That are there now. */
  replicas: number;
  signals: Signals;
}

/** What is remembered between two looks. */
export interface Scale {
  /** 0: nobody has been seen yet. */
  wanted: number;
  /** That were there at the last look. */
  replicas: number;
  /** Since when something is too high; since when one fewer would do; ms, null: it is not so. */
  overSinceMs: number | null;
  calmSinceMs: number | null;
}

export interface ScaleSettings {
  upAfterMs: number;
  downAfterMs: number;
  /** What was too high is so until it is below this share of its limit. */
  holdShare: number;
  /** One fewer would do if everything stayed below this share of its limit. */
  calmShare: number;
}

/** One more after two minutes, as the article has it; one fewer after a longer calm. */
export const SCALE_DEFAULTS: ScaleSettings = {
  upAfterMs: 120_000,
  downAfterMs: 600_000,
  holdShare: 0.9,
  calmShare: 0.8,
};

export const NO_SCALE: Scale = { wanted: 0, replicas: 0, overSinceMs: null, calmSinceMs: null };

/** What is told of it. */
export interface ScaleView {
  replicas: number;
  wanted: number;
  /** In words, at least one. */
  reasons: string[];
  signals: Signals;
}

/** A look's outcome: what is to be remembered, and why it is so. */
export interface Judged extends Scale {
  /** In words, at least one. */
  reasons: string[];
  /** How many were wanted before, if it is another number now because of the load. */
  changedFrom: number | null;
}

/** About once a second. */
export function judgeScale(
  before: Scale,
  { load, nowMs, settings = SCALE_DEFAULTS }: { load: Load; nowMs: number; settings?: ScaleSettings },
): Judged {
  const { replicas, signals } = load;
  // Somebody has started more than were asked for: they are wanted, until it is calm.
  const isRisen = replicas > before.replicas && replicas > before.wanted;
  const wanted = isRisen ? replicas : before.wanted;
  const idle = { wanted, replicas, overSinceMs: null, calmSinceMs: null, changedFrom: null };
  if (replicas === 0) return { ...idle, reasons: [wanted === 0 ? "nobody is there yet" : "nobody is there"] };

  const isKept = before.overSinceMs !== null;
  const over = NAMES.filter((name) => (signals[name] ?? 0) > LIMITS[name].high * (isKept ? settings.holdShare : 1));
  const overSinceMs = over.length > 0 ? before.overSinceMs ?? nowMs : null;
  const isCalm = over.length === 0 && wanted > 1 && wouldDo(load, { target: wanted - 1, settings });
  const calmSinceMs = isCalm ? before.calmSinceMs ?? nowMs : null;
  const now = { ...idle, overSinceMs, calmSinceMs };

  if (overSinceMs !== null) {
    const reasons = over.map((name) => tooHigh(name, { value: signals[name] ?? 0, forMs: nowMs - overSinceMs }));
    if (nowMs - overSinceMs < settings.upAfterMs) return { ...now, reasons };
    // Those that were asked for are not there yet: what they will change is not known.
    if (replicas < wanted) return { ...now, reasons: [...reasons, `${wanted} were asked for, ${replicas} are there`] };
    return { ...now, wanted: wanted + 1, overSinceMs: nowMs, changedFrom: wanted, reasons };
  }
  if (calmSinceMs !== null) {
    const reasons = [`one fewer would do, for ${seconds(nowMs - calmSinceMs)}`];
    if (nowMs - calmSinceMs < settings.downAfterMs || replicas > wanted) return { ...now, reasons };
    return { ...now, wanted: wanted - 1, calmSinceMs: nowMs, changedFrom: wanted, reasons };
  }
  return { ...now, reasons: [wanted === 1 ? "one has enough" : "nothing asks for more, and one fewer would not do"] };
}

function wouldDo({ replicas, signals }: Load, { target, settings }: { target: number; settings: ScaleSettings }) {
  return NAMES.every((name) => {
    const { high, isShared } = LIMITS[name];
    return (signals[name] ?? 0) * (isShared ? replicas / target : 1) < high * settings.calmShare;
  });
}

function tooHigh(signal: keyof Signals, { value, forMs }: { value: number; forMs: number }): string {
  const { name, unit, high } = LIMITS[signal];
  return `${name} is ${Math.round(value)} ${unit}, more than ${high} ${unit}, for ${seconds(forMs)}`;
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}
