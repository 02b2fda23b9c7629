// The names of @std/testing/bdd over Deno.test, with its leak sanitizers on, for machines that cannot reach JSR.
type Body = () => void | Promise<void>;

interface Suite {
  name: string;
  beforeAll: Body[];
  afterAll: Body[];
  beforeEach: Body[];
  afterEach: Body[];
  cases: { name: string; body: Body }[];
  children: Suite[];
}

const open: Suite[] = [];

/** Groups cases; a suite inside a suite inherits its beforeEach and afterEach. */
export function describe(name: string, body: () => void): void {
  const suite: Suite = { name, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], cases: [], children: [] };
  const parent = open.at(-1);
  open.push(suite);
  try {
    body();
  } finally {
    open.pop();
  }
  if (parent) parent.children.push(suite);
  else Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn: (t) => run(suite, t, []) });
}

export function it(name: string, body: Body): void {
  const suite = open.at(-1);
  if (suite) suite.cases.push({ name, body });
  else Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn: body });
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

async function run(suite: Suite, t: Deno.TestContext, outer: Suite[]): Promise<void> {
  const chain = [...outer, suite];
  for (const hook of suite.beforeAll) await hook();
  const sanitized = suite.beforeAll.length === 0;
  for (const { name, body } of suite.cases) {
    await t.step({
      name,
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
      sanitizeOps: sanitized,
      sanitizeResources: sanitized,
      fn: (inner) => run(child, inner, chain),
    });
  }
  for (const hook of suite.afterAll) await hook();
}
