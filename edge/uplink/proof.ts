// By what an edge proves to its aggregator who it is: read again for each connection, so that it may be renewed at any time.
import type { SocketProof } from "../../platform/prompt_socket.ts";
import type { EdgeConfig } from "../config.ts";

const PEM_KEY = /-----BEGIN (\w+ )?PRIVATE KEY-----[^-]+-----END (\w+ )?PRIVATE KEY-----/;

/** @throws {Error} when a file cannot be read */
export function readProof({ ca, cert, key, token }: EdgeConfig["uplinkProof"]): SocketProof {
  const tls = {
    ...ca !== null && { ca: Deno.readTextFileSync(ca) },
    ...cert !== null && { cert: Deno.readTextFileSync(cert) },
    ...key !== null && { key: PEM_KEY.exec(Deno.readTextFileSync(key))?.[0] ?? "" },
  };
  const isBare = Object.keys(tls).length === 0;
  return {
    ...!isBare && { tls },
    ...token !== null && { headers: { authorization: `Bearer ${Deno.readTextFileSync(token).trim()}` } },
  };
}
