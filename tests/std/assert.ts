// The names of @std/assert over node:assert, for machines that cannot reach JSR: point "@std/assert" in
// import_map.json at jsr:@std/assert and this file can go.
import assert from "node:assert/strict";
// By some versions of its types a message that may be undefined is none.

export class AssertionError extends assert.AssertionError {}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assert.deepStrictEqual(actual, expected, message as string);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assert.notDeepStrictEqual(actual, expected, message as string);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  assert.strictEqual(actual, expected, message as string);
}

export { assertTruthy as assert };
function assertTruthy(condition: unknown, message = "Expected a truthy value"): asserts condition {
  if (!condition) throw new AssertionError({ message });
}

export function assertFalse(condition: unknown, message = "Expected a falsy value"): void {
  if (condition) throw new AssertionError({ message });
}

export function assertExists<T>(actual: T, message = "Expected a value"): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) throw new AssertionError({ message });
}

/** Within `tolerance`, by default 1e-7 of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, message?: string): void {
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= allowed) return;
  throw new AssertionError({ message: message ?? `Expected ${actual} to be within ${allowed} of ${expected}` });
}

export function assertGreater<T extends number | bigint>(actual: T, low: T, message?: string): void {
  if (!(actual > low)) throw new AssertionError({ message: message ?? `Expected ${actual} > ${low}` });
}

export function assertGreaterOrEqual<T extends number | bigint>(actual: T, low: T, message?: string): void {
  if (!(actual >= low)) throw new AssertionError({ message: message ?? `Expected ${actual} >= ${low}` });
}

export function assertLess<T extends number | bigint>(actual: T, high: T, message?: string): void {
  if (!(actual < high)) throw new AssertionError({ message: message ?? `Expected ${actual} < ${high}` });
}

export function assertLessOrEqual<T extends number | bigint>(actual: T, high: T, message?: string): void {
  if (!(actual <= high)) throw new AssertionError({ message: message ?? `Expected ${actual} <= ${high}` });
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    throw new AssertionError({ message: message ?? `Expected ${JSON.stringify(actual)} to contain ${expected}` });
  }
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assert.match(actual, expected, message as string);
}

// deno-lint-ignore no-explicit-any -- the signature of @std/assert: any constructor will do
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

export function assertThrows<E extends Error = Error>(fn: () => unknown, errorClass?: ErrorClass<E>, includes = ""): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  return expectError(thrown, errorClass, includes);
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes = "",
): Promise<E> {
  let thrown: unknown;
  try {
    await fn();
  } catch (error) {
    thrown = error;
  }
  return expectError(thrown, errorClass, includes);
}

function expectError<E extends Error>(thrown: unknown, errorClass: ErrorClass<E> | undefined, includes: string): E {
  if (!(thrown instanceof (errorClass ?? Error))) {
    throw new AssertionError({ message: `Expected ${errorClass?.name ?? "an error"}, got ${thrown}` });
  }
  if (!thrown.message.includes(includes)) {
    throw new AssertionError({ message: `Expected the message to contain "${includes}", got "${thrown.message}"` });
  }
  return thrown as E;
}

export function fail(message = "Failed"): never {
  throw new AssertionError({ message });
}
