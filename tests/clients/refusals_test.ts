// What an installed client says to whoever flies it, when an edge does not take it.
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasPython, outputOf } from "./installed.ts";
import { inNode, inPython } from "./languages.ts";

interface Case {
  /** Of the answer to the handshake, or by which the connection is closed. */
  code: number;
  field: string;
  said: RegExp;
  /** A second later the token has been asked for more than once. */
  isTokenRenewed?: boolean;
}

const CASES: Case[] = [
  { code: 401, field: "token", said: /does not believe who this is: Because of 401/, isTokenRenewed: true },
  { code: 403, field: "token", said: /does not let it send telemetry: Because of 403/ },
  { code: 404, field: "edges", said: /no telemetry socket at that path/ },
  { code: 429, field: "token", said: /looks at no more for now: Because of 429/ },
  { code: 503, field: "edges", said: /no room, or is overloaded/ },
  { code: 1008, field: "droneId", said: /against the edge's rules: Because of 1008/ },
  { code: 4004, field: "token", said: /has ended, or was revoked: Because of 4004/, isTokenRenewed: true },
  { code: 4005, field: "version", said: /do not work together: upgrade one: Because of 4005/ },
];

/** An edge that refuses each connection by the code at the end of its path, and counts them. */
class RefusingEdge implements AsyncDisposable {
  readonly attempts = new Map<number, number>();
  readonly tokens = new Set<string | null>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const code = Number(new URL(request.url).pathname.split("/").at(-1));
    this.attempts.set(code, (this.attempts.get(code) ?? 0) + 1);
    this.tokens.add(request.headers.get("authorization"));
    const said = `Because of ${code}`;
    if (code < 1000) return Response.json({ error: said }, { status: code, headers: { "retry-after": "60" } });
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "slipstream.v1" });
    socket.onopen = () => socket.close(code, said);
    return response;
  });

  url(code: number): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/${code}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function tellsOfRefusals(program: typeof inNode): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slipstream-refused-" });
  await using edge = new RefusingEdge();
  try {
    const { command: [name, ...args], ...options } = await program("refused", folder);
    const outputs = await Promise.all(CASES.map(({ code }) => outputOf(name, [...args, edge.url(code)], options)));
    for (const [i, { code, field, said, isTokenRenewed = false }] of CASES.entries()) {
      const [toldCode, toldField = "", asked] = outputs[i]!.split(" ");
      // Python's names have no capitals.
      const plainField = toldField.replaceAll("_", "").toLowerCase();
      assertEquals(
        [Number(toldCode), plainField, Number(asked) > 1],
        [code, field.toLowerCase(), isTokenRenewed],
        outputs[i],
      );
      assertMatch(outputs[i]!, said);
      // Who asks to be left alone for a minute is; others are tried again after a back-off.
      if (code < 1000) assertEquals(edge.attempts.get(code), 1);
    }
    assertEquals(edge.tokens.has("Bearer token-1"), true);
    assertEquals(edge.tokens.has(null), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("a client that an edge refuses", () => {
  it("says by which code, and which setting it is about: TypeScript, in Node", () => tellsOfRefusals(inNode));
  it(
    "says by which code, and which setting it is about: Python",
    { ignore: !hasPython },
    () => tellsOfRefusals(inPython),
  );
});
