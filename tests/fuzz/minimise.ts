// The shortest input, or nearly so, of which something still holds: parts are left out, ever smaller ones.

const TRIES_MAX = 2000;

export async function minimised(
  input: Uint8Array,
  holds: (input: Uint8Array) => boolean | Promise<boolean>,
): Promise<Uint8Array> {
  let least = input.slice();
  let tries = 0;
  for (let part = Math.ceil(least.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < least.length && tries < TRIES_MAX; tries++) {
      const without = new Uint8Array(least.length - Math.min(part, least.length - at));
      without.set(least.subarray(0, at));
      without.set(least.subarray(at + part), at);
      if (await holds(without)) least = without;
      else at += part;
    }
  }
  return least;
}
