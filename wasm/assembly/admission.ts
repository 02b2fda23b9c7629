// Token buckets in records, one for each drone and one for the node. Asking changes nothing; tokens are taken from both
// or from none.
import {
  DRONE_TOKENS,
  DRONE_TOKENS_MS,
  RESULT_RETRY_AFTER_MS,
  STATE_DRONE_BURST,
  STATE_DRONE_RATE,
  STATE_NODE_BURST,
  STATE_NODE_RATE,
  STATE_NODE_TOKENS,
  STATE_NODE_TOKENS_MS,
} from "./layout";

/** So many records could never pass at once, however long they waited. */
export function isTooLarge(records: u32): bool {
  return <f64> records > load<f64>(STATE_DRONE_BURST) || <f64> records > load<f64>(STATE_NODE_BURST);
}

/** Whether the drone (0: one that is not in the table, with a full bucket) may send so many records now. */
export function droneAllows(drone: usize, records: u32, nowMs: f64): bool {
  const burst = load<f64>(STATE_DRONE_BURST);
  const tokens = drone == 0 ? burst : droneTokens(drone, nowMs);
  return allows(tokens, records, load<f64>(STATE_DRONE_RATE));
}

export function nodeAllows(records: u32, nowMs: f64): bool {
  return allows(nodeTokens(nowMs), records, load<f64>(STATE_NODE_RATE));
}

export function takeTokens(drone: usize, records: u32, nowMs: f64): void {
  const cost = <f64> records;
  store<f64>(drone + DRONE_TOKENS, droneTokens(drone, nowMs) - cost);
  store<f64>(drone + DRONE_TOKENS_MS, nowMs);
  takeNodeTokens(cost, nowMs);
}

/** `cost` 0: what was earned so far is kept, at the rate until now. */
export function takeNodeTokens(cost: f64, nowMs: f64): void {
  store<f64>(STATE_NODE_TOKENS, nodeTokens(nowMs) - cost);
  store<f64>(STATE_NODE_TOKENS_MS, nowMs);
}

function droneTokens(drone: usize, nowMs: f64): f64 {
  const elapsedMs = nowMs - load<f64>(drone + DRONE_TOKENS_MS);
  const tokens = load<f64>(drone + DRONE_TOKENS);
  return refilled(tokens, elapsedMs, load<f64>(STATE_DRONE_RATE), load<f64>(STATE_DRONE_BURST));
}

function nodeTokens(nowMs: f64): f64 {
  const elapsedMs = nowMs - load<f64>(STATE_NODE_TOKENS_MS);
  return refilled(load<f64>(STATE_NODE_TOKENS), elapsedMs, load<f64>(STATE_NODE_RATE), load<f64>(STATE_NODE_BURST));
}

// A clock that goes back refills nothing.
function refilled(tokens: f64, elapsedMs: f64, ratePerS: f64, burst: f64): f64 {
  if (!(elapsedMs > 0)) return tokens;
  const filled = tokens + elapsedMs * ratePerS / 1000;
  return filled < burst ? filled : burst;
}

function allows(tokens: f64, records: u32, ratePerS: f64): bool {
  const cost = <f64> records;
  if (tokens >= cost) return true;
  const waitMs = ceil<f64>((cost - tokens) * 1000 / ratePerS);
  // At least 1; at most what the field holds, also for a rate of 0.
  store<u32>(RESULT_RETRY_AFTER_MS, waitMs < 4294967295 ? (waitMs > 1 ? <u32> waitMs : 1) : 4294967295);
  return false;
}
