// The names of @std/testing/bdd over Deno.test, with its leak sanitizers on, for machines that cannot reach JSR.
type Body = () => void | Promise<void>;

/** `ignore`: it is counted as ignored, and not run. */
interface Options {
  ignore?: boolean;
}

interface Suite {
  name: string;
  ignore: boolean;
  beforeAll: Body[];
  afterAll: Body[];
  beforeEach: Body[];
  afterEach: Body[];
  cases: { name: string; ignore: boolean; body: Body }[];
  children: Suite[];
}

const SANITIZED = { sanitizeOps: true, sanitizeResources: true };
const open: Suite[] = [];

/** Groups cases; a suite inside a suite inherits its beforeEach and afterEach. */
export function describe(name: string, body: () => void): void;
export function describe(name: string, options: Options, body: () => void): void;
export function describe(name: string, ...rest: [() => void] | [Options, () => void]): void {
  const { ignore, body } = optional(rest);
  const hooks = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  const suite: Suite = { name, ignore, ...hooks, cases: [], children: [] };
  const parent = open.at(-1);
  open.push(suite);
  try {
    body();
  } finally {
    open.pop();
  }
  if (parent) parent.children.push(suite);
  else Deno.test({ name, ignore, ...SANITIZED, fn: (t) => run(suite, t, []) });
}

export function it(name: string, body: Body): void;
export function it(name: string, options: Options, body: Body): void;
export function it(name: string, ...rest: [Body] | [Options, Body]): void {
  const { ignore, body } = optional(rest);
  const suite = open.at(-1);
  if (suite) suite.cases.push({ name, ignore, body });
  else Deno.test({ name, ignore, ...SANITIZED, fn: body });
}

export const test = it;
export const beforeAll = (body: Body): void => void current("beforeAll").beforeAll.push(body);
export const afterAll = (body: Body): void => void current("afterAll").afterAll.push(body);
export const beforeEach = (body: Body): void => void current("beforeEach").beforeEach.push(body);
export const afterEach = (body: Body): void => void current("afterEach").afterEach.push(body);

function current(hook: string): Suite {
  const suite = open.at(-1);
  if (!suite) throw new Error(`Cannot call ${hook}: not inside describe`);
  return suite;
}

function optional<B>(rest: [B] | [Options, B]): { ignore: boolean; body: B } {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  return { ignore: options.ignore ?? false, body };
}

async function run(suite: Suite, t: Deno.TestContext, outer: Suite[]): Promise<void> {
  const chain = [...outer, suite];
  for (const hook of suite.beforeAll) await hook();
  const sanitized = suite.beforeAll.length === 0;
  for (const { name, ignore, body } of suite.cases) {
    await t.step({
      name,
      ignore,
      sanitizeOps: sanitized,
      sanitizeResources: sanitized,
      fn: async () => {
        for (const s of chain) for (const hook of s.beforeEach) await hook();
        try {
          await body();
        } finally {
          for (const s of chain.toReversed()) for (const hook of s.afterEach) await hook();
        }
      },
    });
  }
  for (const child of suite.children) {
    await t.step({
      name: child.name,
      ignore: child.ignore,
      sanitizeOps: sanitized,
      sanitizeResources: sanitized,
      fn: (inner) => run(child, inner, chain),
    });
  }
  for (const hook of suite.afterAll) await hook();
}
