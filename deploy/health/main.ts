// Whether the edge or the aggregator beside this lives, for HEALTHCHECK of an image: one that listens must answer, whatever it
// has to say. Exits with 0 if one does. The ports are those of the environment, which the process has as well.
import { request as requestPlain } from "node:http";
import { request as requestByTls } from "node:https";

const LIMIT_MS = 4000;
const PORTS = { SLIPSTREAM_EDGE_PORT: 8787, SLIPSTREAM_AGGREGATOR_PORT: 8788 };

/** Null: it lives; else what is wrong. It is asked on this machine, and told nothing: whose certificate it has does not matter. */
function problemAt(port: number, byTls: boolean): Promise<string | null> {
  const settled = Promise.withResolvers<string | null>();
  const request = byTls ? requestByTls : requestPlain;
  const asked = request({ host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false }, (answer) => {
    settled.resolve(answer.statusCode === 200 ? null : `it answers ${answer.statusCode}`);
    answer.destroy();
  });
  // One that wants to see a certificate first lives as well.
  asked.on("error", (error) => settled.resolve(/certificate.?required/i.test(error.message) ? null : error.message));
  asked.setTimeout(LIMIT_MS, () => asked.destroy(new Error("it does not answer")));
  asked.end();
  return settled.promise;
}

const byTls = Deno.env.has("SLIPSTREAM_TLS_CERT");
const ports = Object.entries(PORTS).map(([name, port]) => Number(Deno.env.get(name) ?? port));
const problems = await Promise.all(ports.map((port) => problemAt(port, byTls)));
if (problems.includes(null)) Deno.exit(0);
console.error(problems.map((problem, i) => `port ${ports[i]}: ${problem}`).join("; "));
Deno.exit(1);
