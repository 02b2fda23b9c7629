// A scope is what windows are computed of: a fleet, or a zone of one.

/** Names may hold any character. */
export function scopeKey(fleet: string, zone: string): string {
  return JSON.stringify([fleet, zone]);
}

export function scopeOf(key: string): { fleet: string; zone: string } {
  const [fleet, zone] = JSON.parse(key) as [string, string];
  return { fleet, zone };
}
