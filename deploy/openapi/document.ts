// The OpenAPI document of an HTTP surface: its operations, with the answers that all of them can have. It is made when the sources
// change, by deno task openapi, and served as it was committed: no process that serves it has what makes it.
import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { VERSION } from "../../platform/version.ts";
import type { Operation, Surface, Told } from "../../platform/openapi/operation.ts";

type Registered = Parameters<OpenAPIHono["openAPIRegistry"]["registerPath"]>[0];
type Described = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

const Problem = z.object({ error: z.string().meta({ description: "For people: Cannot …" }) })
  .meta({ id: "Problem", description: "Why there is no other answer" });

/** Errors that many routes have, by their name in the document. */
const SHARED = {
  Unreadable: [400, "The request cannot be read: all that is wrong with it in one sentence"],
  Unproven: [401, "Nobody knows who asks: there is no proof, or it has ended, was revoked, or is not believed"],
  Forbidden: [403, "It is known who asks, and they may not"],
  ForbiddenPage: [403, "They may not, or a page of another origin asks"],
  Unfinished: [408, "The request did not come to its end in time; without a body"],
  TooLong: [413, "The body has more than 4 KiB"],
  NotJson: [415, "The body is not `application/json`"],
  Unexpected: [417, "An `Expect` other than 100-continue"],
  Misdirected: [421, "A `Host` that is neither loopback nor in `SLIPSTREAM_HOSTS`"],
  TooMany: [429, "Too many proofs of this address failed, or one person made too many changes; see `retry-after`"],
  Failed: [500, "The process failed at it, and its log says why"],
} as const;
type Shared = keyof typeof SHARED;

const ANY: Shared[] = ["Unreadable", "Unfinished", "Unexpected", "Misdirected", "Failed"];
const PROVEN: Shared[] = ["Unproven", "Forbidden", "TooMany"];
const WITH_BODY: Shared[] = ["TooLong", "NotJson"];

const SCHEMES = {
  token: { type: "http", scheme: "bearer", description: "A token, alone or bound to a key by DPoP" },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "slipstream_session",
    description: "A person's session at the console",
  },
  certificate: { type: "mutualTLS", description: "A client certificate, where TLS ends here" },
} as const;

export function documentOf({ title, about, operations }: Surface): Described {
  const api = new OpenAPIHono();
  for (const [name, scheme] of Object.entries(SCHEMES)) {
    api.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  }
  for (const [name, [status, description]] of Object.entries(SHARED)) {
    const content = { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } };
    api.openAPIRegistry.registerComponent("responses", name, { description, ...status !== 408 && { content } });
  }
  api.openAPIRegistry.register("Problem", Problem);
  for (const operation of operations) api.openAPIRegistry.registerPath(registered(operation));
  const tags = [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name }));
  const info = { title, version: VERSION, description: about, license: { name: "MIT", identifier: "MIT" } };
  const document = api.getOpenAPI31Document({ openapi: "3.1.0", info, tags });
  for (const operation of operations) {
    const { parameters = [] } = document.paths?.[templated(operation.path)]?.[operation.method] ?? {};
    for (const parameter of parameters as Parameter[]) asText(parameter, operation);
  }
  return document;
}

/** As OpenAPI has paths. */
function templated(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: { type?: string | string[] };
}

/** Of a schema that makes numbers of text it is not seen that no address has null, nor that it needs something. */
function asText(parameter: Parameter, { query }: Operation): void {
  const { schema } = parameter;
  if (Array.isArray(schema.type)) schema.type = schema.type.filter((type) => type !== "null")[0]!;
  const schemas: Record<string, z.ZodType> = query?.shape ?? {};
  parameter.required = parameter.in === "path" || !schemas[parameter.name]!.safeParse(undefined).success;
}

function registered(operation: Operation): Registered {
  const { method, path, id, tag, summary, about, action, params, query, body, answers, errors = {} } = operation;
  return {
    ...{ method, path: templated(path), operationId: id, tags: [tag], summary },
    ...about !== undefined && { description: about },
    // Where nobody must prove anything, nobody needs one of them.
    ...action !== undefined && {
      security: [{}, ...Object.keys(SCHEMES).map((name) => ({ [name]: [] }))],
      "x-action": action,
    },
    request: {
      ...params && { params },
      ...query && { query },
      ...body && { body: { required: true, content: { "application/json": { schema: body } } } },
    },
    responses: { ...sharedOf(operation), ...mapped(errors, problem), ...mapped(answers, response) },
  };
}

function sharedOf({ action, ownPageOnly, body }: Operation): Registered["responses"] {
  const names: Shared[] = [...ANY, ...action ? PROVEN : [], ...ownPageOnly ? ["ForbiddenPage" as const] : []];
  return Object.fromEntries(
    [...names, ...body ? WITH_BODY : []].map((name) => [SHARED[name][0], { $ref: `#/components/responses/${name}` }]),
  );
}

function response({ about, content = {} }: Told) {
  const schemas = mapped(content, (schema) => ({ schema }));
  return { description: about, ...Object.keys(schemas).length > 0 && { content: schemas } };
}

function problem(about: string) {
  return response({ about, content: { "application/json": Problem } });
}

function mapped<A, B>(record: Record<string, A>, of: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}
