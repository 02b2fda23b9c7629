// Which process reads which variable of the environment. They are often set for all processes at once, so each must tell
// what is meant for another from what was mistyped.

/** By process, in the order of its help. */
export const SETTING_NAMES = {
  edge: [
    "SLIPSTREAM_EDGE_HOST",
    "SLIPSTREAM_EDGE_PORT",
    "SLIPSTREAM_EDGE_ID",
    "SLIPSTREAM_REGION",
    "SLIPSTREAM_UPLINK_URL",
    "SLIPSTREAM_FLEET",
    "SLIPSTREAM_ZONE",
    "SLIPSTREAM_KV",
    "SLIPSTREAM_ZONE_TTL_S",
    "SLIPSTREAM_DRONE_RATE",
    "SLIPSTREAM_DRONE_BURST",
    "SLIPSTREAM_NODE_RATE",
    "SLIPSTREAM_NODE_BURST",
    "SLIPSTREAM_DRONE_IDLE_S",
    "SLIPSTREAM_UPLINK_BUFFER_MIB",
    "SLIPSTREAM_REPLAY_S",
    "SLIPSTREAM_REPLAY_KV",
    "SLIPSTREAM_CONNECTIONS_MAX",
    "SLIPSTREAM_ORIGINS",
    "SLIPSTREAM_PER_ADDRESS_MAX",
    "SLIPSTREAM_SHARED_ADDRESSES",
    "SLIPSTREAM_HOSTS",
  ],
  aggregator: [
    "SLIPSTREAM_AGGREGATOR_HOST",
    "SLIPSTREAM_AGGREGATOR_PORT",
    "SLIPSTREAM_PER_ADDRESS_MAX",
    "SLIPSTREAM_SHARED_ADDRESSES",
    "SLIPSTREAM_HOSTS",
    "SLIPSTREAM_JOURNAL",
    "SLIPSTREAM_JOURNAL_MIB",
    "SLIPSTREAM_JOURNAL_HOURS",
    "SLIPSTREAM_JOURNAL_QUEUE_MIB",
    "SLIPSTREAM_CHECKPOINT_S",
    "SLIPSTREAM_SQLITE",
    "SLIPSTREAM_SQLITE_QUEUE_ROWS",
    "SLIPSTREAM_RETENTION_HOURS",
    "SLIPSTREAM_RETENTION_ROWS",
    "SLIPSTREAM_EDGES_MAX",
    "SLIPSTREAM_EVENT_CLIENTS_MAX",
  ],
} as const;

/** A process that has settings. */
export type SettingsOf = keyof typeof SETTING_NAMES;
/** The variables that a process reads: its table must have exactly these. */
export type SettingName<Process extends SettingsOf> = (typeof SETTING_NAMES)[Process][number];
