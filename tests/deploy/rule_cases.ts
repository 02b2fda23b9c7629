// For each rule of deploy/prometheus/rules.yml what must not fire it, and then does: series as promtool has them, a sample each 15 s.

/** A rule is quiet at the first time, and fires at the second. */
export interface RuleCase {
  series: Record<string, string>;
  quietAt: string;
  firesAt: string;
  /** A sample a minute instead, and a look each five. */
  isSlow?: true;
}

const AGGREGATOR = "slipstream_aggregator";
const EDGE = "slipstream_edge";

/** Quiet for ten minutes, then not for ten. */
const turns = (series: string, before: string, after: string): RuleCase => ({
  series: { [series]: `${before} ${after}` },
  quietAt: "9m",
  firesAt: "20m",
});
const becomes = (series: string, after: number, before = 0) => turns(series, `${before}x39`, `${after}x40`);
const grows = (series: string, by = 1) => turns(series, "0x39", `${by}+${by}x40`);

/** Twenty alerts a minute, some of which come late from the second hour on: a sample a minute. */
function late({ firesAt, lateOf100 }: { firesAt: string; lateOf100: number }): RuleCase {
  const name = `${AGGREGATOR}_sensor_to_alert_seconds`;
  const [before, all, good] = ["0+20x119", "2400+20x1000", `2400+${20 * (1 - lateOf100 / 100)}x1000`];
  return {
    series: {
      [`${name}_bucket{le="0.07794"}`]: `${before} ${good}`,
      [`${name}_bucket{le="+Inf"}`]: `${before} ${all}`,
      [`${name}_count`]: `${before} ${all}`,
    },
    quietAt: "2h",
    firesAt,
    isSlow: true,
  };
}

function commits(le: string): RuleCase {
  const name = `${AGGREGATOR}_journal_commit_seconds_bucket`;
  const fast = "0+100x79";
  return {
    series: {
      [`${name}{job="a",instance="a",le="0.08012"}`]: `${fast} 7900x80`,
      [`${name}{job="a",instance="a",le="${le}"}`]: "0+100x160",
      [`${name}{job="a",instance="a",le="+Inf"}`]: "0+100x160",
    },
    quietAt: "15m",
    firesAt: "38m",
  };
}

export const RULE_CASES: Record<string, RuleCase> = {
  SlipstreamSafetyBudgetBurnsFast: late({ firesAt: "3h", lateOf100: 50 }),
  SlipstreamSafetyBudgetBurns: late({ firesAt: "10h", lateOf100: 10 }),
  SlipstreamSafetyBudgetBurnsSlowly: late({ firesAt: "10h", lateOf100: 3 }),
  SlipstreamWarningsUndelivered: grows(`${AGGREGATOR}_warnings_total{outcome="undelivered"}`),
  SlipstreamAlertsNotRaised: grows(`${AGGREGATOR}_alerts_not_raised_total{kind="conflict"}`),
  SlipstreamAirspaceFull: grows(`${AGGREGATOR}_airspace_drones_not_tracked_total`),
  SlipstreamDown: becomes('up{job="slipstream-edge",instance="edge:8787"}', 0, 1),
  SlipstreamEventLoopLate: {
    series: {
      'slipstream_event_loop_lag_seconds_bucket{job="a",instance="a",le="0.1202"}': "0+10x79 790x80",
      'slipstream_event_loop_lag_seconds_bucket{job="a",instance="a",le="0.5"}': "0+10x160",
      'slipstream_event_loop_lag_seconds_bucket{job="a",instance="a",le="+Inf"}': "0+10x160",
    },
    quietAt: "15m",
    firesAt: "38m",
  },
  // Time begins at 0.
  SlipstreamCertificateExpires: turns("slipstream_certificate_expiry_timestamp_seconds", "3600x39", "1500x40"),
  SlipstreamEdgeRestarted: grows(`${EDGE}_process_restarts_total`),
  SlipstreamClockSkew: becomes(`${AGGREGATOR}_edge_clock_offset_seconds{edge="edge-1"}`, -0.7),
  SlipstreamDroneClocks: becomes(
    `${AGGREGATOR}_open_alerts{kind="clock-skew",severity="warning",acknowledged="no"}`,
    2,
  ),
  SlipstreamEdgeCutOff: becomes(`${EDGE}_uplink_connected`, 0, 1),
  SlipstreamEdgeAway: becomes(`${AGGREGATOR}_edges{state="away"}`, 1),
  SlipstreamEdgeSilent: {
    series: { [`${EDGE}_frames_received_total`]: "0+10x39 400x40", [`${EDGE}_connections`]: "5x80" },
    quietAt: "9m",
    firesAt: "20m",
  },
  SlipstreamEdgeOverloaded: becomes(`${EDGE}_overload_level`, 2, 1),
  SlipstreamEdgeStrained: becomes(`${EDGE}_overload_level`, 1),
  SlipstreamEdgeTableFills: {
    series: { [`${EDGE}_slots`]: "7900x39 8100x40", [`${EDGE}_slots_max`]: "10000x80" },
    quietAt: "9m",
    firesAt: "20m",
  },
  SlipstreamBacklog: becomes(`${EDGE}_backlog_age_seconds`, 12, 2),
  SlipstreamBacklogLong: becomes(`${EDGE}_backlog_eta_seconds`, 400, 20),
  SlipstreamRecordsLost: grows(`${EDGE}_ledger_records_total{reason="shed"}`),
  SlipstreamJournalFailing: becomes(`${AGGREGATOR}_journal_failing`, 1),
  SlipstreamJournalStands: turns(`${AGGREGATOR}_journal_entries_total`, "0+150x39", "5850x40"),
  SlipstreamJournalBehind: becomes(`${AGGREGATOR}_journal_waiting_entries`, 2000, 10),
  SlipstreamJournalSlow: commits("0.5"),
  SlipstreamDiskFilling: {
    series: { [`${AGGREGATOR}_disk_free_bytes`]: "100000000000x59 100000000000-800000000x100" },
    quietAt: "1h",
    firesAt: "2h30m",
    isSlow: true,
  },
  SlipstreamDiskLow: becomes(`${AGGREGATOR}_disk_free_bytes`, 900_000_000, 2_000_000_000),
  SlipstreamWatermarkStuck: becomes(`${AGGREGATOR}_watermark_lag_seconds`, 20, 1),
  SlipstreamTooSlow: becomes(`${AGGREGATOR}_too_slow_seconds`, 2),
  SlipstreamQuarantine: grows(`${AGGREGATOR}_batches_total{verdict="quarantined"}`),
  SlipstreamHistoryFills: becomes(`${AGGREGATOR}_sqlite_queued_rows`, 30_000),
  SlipstreamHistoryDropped: grows(`${AGGREGATOR}_sqlite_dropped_rows_total`),
  SlipstreamWebhookBehind: becomes(`${AGGREGATOR}_webhook_oldest_waiting_seconds{webhook="ops"}`, 400),
  SlipstreamWebhookDeadLetters: grows(`${AGGREGATOR}_webhook_dead_letters_total{webhook="ops",reason="refused"}`),
  SlipstreamPublishingTrouble: becomes(`${AGGREGATOR}_publishing_trouble{destination="kafka"}`, 1),
  SlipstreamPublishingFenced: becomes(`${AGGREGATOR}_publishing_fenced{destination="kafka"}`, 1),
  SlipstreamPublishingBehind: becomes(`${AGGREGATOR}_publishing_behind_seconds{destination="kafka"}`, 60, 1),
  SlipstreamPublishingJournalFills: {
    series: {
      [`${AGGREGATOR}_publishing_journal_ratio{destination="kafka"}`]: "0.7x39 0.9x40",
      [`${AGGREGATOR}_publishing_behind_seconds{destination="kafka"}`]: "600x80",
    },
    quietAt: "9m",
    firesAt: "20m",
  },
  SlipstreamPublishingLacks: grows(`${AGGREGATOR}_publishing_missing_entries_total{destination="kafka"}`),
};
