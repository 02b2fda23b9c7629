// The plan of the memory: every area, its address and its capacity. Nothing is allocated after this and the memory
// never grows; each table that can be full has its limit here.

/** Pages of 64 KiB; wasm/build.ts reserves exactly as many, and `configure` asserts it. */
export const MEMORY_PAGES: u32 = 3096;

/** Limits; the binding repeats the first four. */
export const FRAME_BYTES_MAX: u32 = 65536;
export const RECORDS_MAX: u32 = 256;
export const DRONES_MAX: u32 = 32768;
export const LANE_RECORDS_MAX: u32 = 8192 + RECORDS_MAX;
/** A hit takes at least 2 bytes of a frame. */
export const FRAME_HITS_MAX: u32 = FRAME_BYTES_MAX / 2;
export const LANE_HITS_MAX: u32 = 65536 + FRAME_HITS_MAX;
export const ID_BYTES_MAX: u32 = 64;
export const GROUP_BYTES_MAX: u32 = 64;
export const ALERT_ACKS_MAX: u32 = 64;
/** Sequence numbers of a boot, counted down from its highest, within which a duplicate is known. */
export const WINDOW_SEQS: u32 = 1024;
/** Slots of replaced boots that `evictIdle` has not reported yet. */
export const RETIRED_MAX: u32 = 8192;
/** Drones that one `evictIdle` removes at most. */
export const EVICTIONS_MAX: u32 = 4096;
/** Buckets are powers of two, at least twice what they hold at most. */
export const DRONE_BUCKETS: u32 = 65536;
export const SLOT_BUCKETS: u32 = 524288;

/** A record, in the frame's scratch and in a lane. The payload holds the fields of the body by number, from 1. */
export const RECORD_SLOT: usize = 0;
export const RECORD_SEQ: usize = 4;
export const RECORD_EVENT_S: usize = 8;
export const RECORD_EVENT_US: usize = 12;
export const RECORD_FLAGS: usize = 16;
export const RECORD_KIND: usize = 20;
export const RECORD_LANE: usize = 21;
export const RECORD_PRESENCE: usize = 24;
export const RECORD_PAYLOAD: usize = 28;
export const RECORD_HIT_COUNT: usize = RECORD_PAYLOAD + 12;
export const RECORD_FIRST_HIT: usize = RECORD_PAYLOAD + 16;
export const RECORD_BYTES: usize = 80;

/** Fields of a battery that lanes are chosen by. */
export const BATTERY_VOLTAGE_MV: usize = RECORD_PAYLOAD + 4;
export const BATTERY_REMAINING_CPCT: usize = RECORD_PAYLOAD + 12;
export const BATTERY_CHARGE_STATE: usize = RECORD_PAYLOAD + 20;

/** A hit: its fields by number, then what is present. */
export const HIT_BEARING_CDEG: usize = 0;
export const HIT_RANGE_CM: usize = 8;
export const HIT_RANGE_RATE_CMS: usize = 12;
export const HIT_PRESENCE: usize = 16;
export const HIT_BYTES: usize = 20;

/** An alert acknowledgement; the binding reads it by the same offsets. */
export const ALERT_ACK_ID: usize = 0;
export const ALERT_ACK_RECEIVED_US: usize = 8;
export const ALERT_ACK_REVISION: usize = 16;
export const ALERT_ACK_BYTES: usize = 24;

/** A near-duplicate: the first words of a record. */
export const NEAR_BYTES: usize = 16;

export const KIND_NONE: u32 = 0;
export const KIND_POSITION: u32 = 1;
export const KIND_BATTERY: u32 = 2;
export const KIND_OBSTACLES: u32 = 3;
/** Sorted beside the kinds of records, stored apart from them. */
export const KIND_NEAR_DUPLICATE: u32 = 0;
export const KINDS: usize = 4;

export const LANE_SAFETY: u32 = 0;
export const LANE_BULK: u32 = 1;
export const LANES: usize = 2;

/** One boot of a drone, as one source speaks for it. Bitmaps hold a seq at its value modulo the window. */
export const BOOT_SLOT: usize = 0;
export const BOOT_ID: usize = 4;
export const BOOT_SEQ_MAX: usize = 8;
/** Records appended to a lane and not settled, outside the window included. */
export const BOOT_UNSETTLED: usize = 12;
export const BOOT_STARTED: usize = 16;
export const BOOT_SOURCE: usize = 20;
/** Address of its fingerprints: a byte for each seq of the window, valid where the seq was seen. */
export const BOOT_PRINTS: usize = 24;
export const BOOT_SEEN: usize = 32;
export const BOOT_OPEN: usize = BOOT_SEEN + WINDOW_SEQS / 8;
/** The formation it was declared to be of when it last brought something new. */
export const BOOT_GROUP_BYTES: usize = BOOT_OPEN + WINDOW_SEQS / 8;
export const BOOT_GROUP: usize = BOOT_GROUP_BYTES + 8;
export const BOOT_BYTES: usize = BOOT_GROUP + GROUP_BYTES_MAX;
export const BOOTS: usize = 4;

export const DRONE_ID_BYTES: usize = 0;
export const DRONE_HASH: usize = 4;
export const DRONE_ID: usize = 8;
export const DRONE_TOKENS: usize = 72;
export const DRONE_TOKENS_MS: usize = 80;
/** The last forwarded fix; slot 0: none yet. */
export const FIX_SLOT: usize = 88;
export const FIX_FLAGS: usize = 92;
export const FIX_PRESENCE: usize = 96;
export const FIX_TYPE: usize = 100;
export const FIX_LAT: usize = 104;
export const FIX_LON: usize = 108;
export const FIX_ALT_MSL: usize = 112;
export const FIX_ALT_HOME: usize = 116;
export const FIX_TIME_US: usize = 120;
/** Event time of the fix before, forwarded or not. */
export const FIX_PREVIOUS_US: usize = 128;
/** cos(latitude) of the fix, computed when first needed (NaN until then). */
export const FIX_COS_LAT: usize = 136;
/** cos(latitude) somewhere near, for the bound that spares the haversine. */
export const FIX_NEARBY_COS: usize = 144;
export const FIX_NEARBY_LAT: usize = 152;
export const DRONE_ALERT_OPEN: usize = 156;
/** Places of the boots, a byte each: the one used last in the lowest. */
export const DRONE_BOOT_ORDER: usize = 160;
/** When the last forwarded fix, and the fix before, arrived. */
export const FIX_MS: usize = 168;
export const FIX_PREVIOUS_MS: usize = 176;
export const DRONE_BOOTS: usize = 184;
export const DRONE_BYTES: usize = DRONE_BOOTS + BOOTS * BOOT_BYTES;

/** Page 0 belongs to the compiler. */
const BASE: usize = 65536;
/** Words of the results, in the order in which the binding reads them. */
export const RESULTS: usize = BASE;
export const RESULT_RECORDS: usize = RESULTS;
export const RESULT_FORWARDED: usize = RESULTS + 4;
export const RESULT_DUPLICATES: usize = RESULTS + 8;
export const RESULT_NEAR_DUPLICATES: usize = RESULTS + 12;
export const RESULT_MALFORMED_RECORDS: usize = RESULTS + 16;
export const RESULT_UNKNOWN_FIELDS: usize = RESULTS + 20;
export const RESULT_ALERT_ACKS: usize = RESULTS + 24;
export const RESULT_DRONE_INDEX: usize = RESULTS + 28;
export const RESULT_SLOT: usize = RESULTS + 32;
export const RESULT_IS_NEW_SLOT: usize = RESULTS + 36;
export const RESULT_BOOT_ID: usize = RESULTS + 40;
export const RESULT_FIRST_SEQ: usize = RESULTS + 44;
export const RESULT_LAST_SEQ: usize = RESULTS + 48;
export const RESULT_RETRY_AFTER_MS: usize = RESULTS + 52;
export const RESULT_ID_ADDRESS: usize = RESULTS + 56;
export const RESULT_ID_BYTES: usize = RESULTS + 60;
export const RESULT_SETTLED_DUPLICATES: usize = RESULTS + 64;
export const RESULT_SHED: usize = RESULTS + 68;
/** Of a malformed frame: one of the faults in frame.ts. */
export const RESULT_FAULT: usize = RESULTS + 72;
export const RESULT_SOURCE: usize = RESULTS + 76;
export const RESULT_GROUP_ADDRESS: usize = RESULTS + 80;
export const RESULT_GROUP_BYTES: usize = RESULTS + 84;
/** The slot's is another one than before. */
export const RESULT_IS_NEW_GROUP: usize = RESULTS + 88;
/** Those before are cleared by each push; the last two belong to `seal`. */
export const PUSH_RESULT_BYTES: usize = 96;
export const RESULT_SEALED_RECORDS: usize = RESULTS + 96;
export const RESULT_SEALED_SLOTS: usize = RESULTS + 100;

/** What the frame needs of each lane, should every record be new. */
export const NEEDED: usize = RESULTS + 128;
export const NEEDED_RECORDS: usize = 0;
export const NEEDED_HITS: usize = 4;
export const NEEDED_BYTES: usize = 8;

/** Where each kind's keys have been merged to, while a lane is sealed. */
export const MERGE_CURSORS: usize = RESULTS + 144;

/** Numbers that live as long as the instance. */
export const STATE: usize = RESULTS + 256;
export const STATE_DRONE_RATE: usize = STATE;
export const STATE_DRONE_BURST: usize = STATE + 8;
export const STATE_NODE_RATE: usize = STATE + 16;
export const STATE_NODE_BURST: usize = STATE + 24;
export const STATE_NODE_TOKENS: usize = STATE + 32;
export const STATE_NODE_TOKENS_MS: usize = STATE + 40;
export const STATE_HASH_SEED: usize = STATE + 48;
export const STATE_DRONES: usize = STATE + 52;
export const STATE_LAST_SLOT: usize = STATE + 56;
export const STATE_RETIRED: usize = STATE + 60;
export const STATE_EVICTION_CURSOR: usize = STATE + 64;
export const STATE_FRAME_HITS: usize = STATE + 68;
/** Bulk records kept: 0 all of them, 1 one in four, 2 none. */
export const STATE_SHEDDING: usize = STATE + 72;
/** Of the only drone whose frames are taken; 0: those of all are. */
export const STATE_OWN_ID_BYTES: usize = STATE + 80;

/** What is being changed now; after a trap what was. */
export const STATE_CHANGE: usize = STATE + 76;
export const CHANGE_NONE: u32 = 0;
export const CHANGE_FRAME: u32 = 1;
export const CHANGE_UPKEEP: u32 = 2;

/** What a frame is taken back to that has trapped: heads of the lanes, the last slot, and the boot it is of. */
export const SAVED_LANES: usize = RESULTS + 384;
export const SAVED_LAST_SLOT: usize = RESULTS + 448;
/** 0: a new one. */
export const SAVED_BOOT: usize = RESULTS + 452;
export const SAVED_UNSETTLED: usize = RESULTS + 456;

/** The id of the frame, filled up with zeros. */
export const SCRATCH_ID: usize = RESULTS + 512;
export const SETTLED_DUPLICATES: usize = SCRATCH_ID + ID_BYTES_MAX;
export const SHED: usize = SETTLED_DUPLICATES + RECORDS_MAX * 4;
export const INVALID: usize = SHED + RECORDS_MAX * 4;
/** The id of that drone, filled up with zeros. */
export const OWN_ID: usize = INVALID + RECORDS_MAX * 4;
export const FRAME: usize = BASE + 4096;
export const SCRATCH_RECORDS: usize = FRAME + FRAME_BYTES_MAX;
export const SCRATCH_HITS: usize = SCRATCH_RECORDS + RECORDS_MAX * RECORD_BYTES;

/** Those of the last frame; they go nowhere else. */
export const ALERT_ACKS: usize = SCRATCH_HITS + FRAME_HITS_MAX * HIT_BYTES;

/** Buckets of u64: key in the upper half, value + 1 in the lower; 0 is empty. */
export const DRONE_TABLE: usize = ALERT_ACKS + ALERT_ACKS_MAX * ALERT_ACK_BYTES;
export const SLOT_TABLE: usize = DRONE_TABLE + DRONE_BUCKETS * 8;
export const DRONES: usize = SLOT_TABLE + SLOT_BUCKETS * 8;
export function droneAt(index: u32): usize {
  return DRONES + index * DRONE_BYTES;
}

/** f64 for each drone: when it was last seen, -1 for a free place. */
export const SEEN_MS: usize = DRONES + DRONES_MAX * DRONE_BYTES;
/** Fingerprints of all boots: those in the first place of each drone, then those in the second. */
export const PRINTS: usize = SEEN_MS + DRONES_MAX * 8;
/** Stack of free places. */
export const FREE_DRONES: usize = PRINTS + BOOTS * DRONES_MAX * WINDOW_SEQS;
/** (slot, unsettled) of replaced boots. */
export const RETIRED: usize = FREE_DRONES + DRONES_MAX * 4;
export const EVICTED: usize = RETIRED + RETIRED_MAX * 8;

/** A lane: counts, records, hits, and for each kind the sort keys (slot above, byte offset of the record below). */
export const LANE_RECORDS_COUNT: usize = 0;
export const LANE_HITS_COUNT: usize = 4;
export const LANE_KEY_COUNTS: usize = 8;
export const LANE_RECORDS: usize = 32;
export const LANE_HITS: usize = LANE_RECORDS + LANE_RECORDS_MAX * RECORD_BYTES;
export const LANE_KEYS: usize = LANE_HITS + LANE_HITS_MAX * HIT_BYTES;
export const LANE_KEYS_BYTES: usize = LANE_RECORDS_MAX * 8;
export const LANE_BYTES: usize = LANE_KEYS + KINDS * LANE_KEYS_BYTES;
export const LANE_AREAS: usize = EVICTED + (EVICTIONS_MAX * BOOTS + RETIRED_MAX) * 4;
/** Near-duplicates exist in the bulk lane only. */
export const NEAR_DUPLICATES: usize = LANE_AREAS + LANES * LANE_BYTES;

export const SORT_KEYS: usize = NEAR_DUPLICATES + LANE_RECORDS_MAX * NEAR_BYTES;
export const HISTOGRAM: usize = SORT_KEYS + LANE_KEYS_BYTES;
export const HISTOGRAM_DIGITS: u32 = 2048;
export const RECEIPT: usize = HISTOGRAM + HISTOGRAM_DIGITS * 4;
export const SLOTS: usize = RECEIPT + LANE_RECORDS_MAX * 8;
export const OUTPUT: usize = SLOTS + LANE_RECORDS_MAX * 4;
/** A value takes at most 5 bytes; a record has at most 18 columns, a hit 5; headers take less than 1 KiB. */
export const OUTPUT_BYTES: usize = LANE_RECORDS_MAX * 18 * 5 + LANE_HITS_MAX * 5 * 5 + 1024;
export const MEMORY_END: usize = OUTPUT + OUTPUT_BYTES;
