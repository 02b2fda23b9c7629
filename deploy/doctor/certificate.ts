// Whether a server's certificate is good, and for how long, whoever has signed it: who trusts whom is another question.
import { connect } from "node:tls";
import { isIP } from "node:net";
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

/** When it begins and ends, in Unix ms. */
export interface Validity {
  fromMs: number;
  toMs: number;
}

const ANSWER_MS_MAX = 4000;
/** One with less of its time left should have been replaced by now. */
const LEFT_SHARE_MIN = 0.1;
const MEND = "issue a new one (deno task pki issue --server NAME) and put it in place: the process reads it by itself";

/** Of the certificate that is shown there; null: nobody shows one. */
export function validityAt(url: string): Promise<Validity | null> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const settled = Promise.withResolvers<Validity | null>();
  const socket = connect({
    ...{ host, port: Number(port || 443), rejectUnauthorized: false, timeout: ANSWER_MS_MAX },
    ...isIP(host) === 0 && { servername: host },
  });
  const end = (validity: Validity | null) => {
    settled.resolve(validity);
    socket.destroy();
  };
  socket.on("secureConnect", () => {
    const { valid_from, valid_to } = socket.getPeerCertificate() ?? {};
    end(valid_to ? { fromMs: Date.parse(valid_from), toMs: Date.parse(valid_to) } : null);
  });
  socket.on("error", () => end(null));
  socket.on("timeout", () => end(null));
  return settled.promise;
}

/** What holds of it now. */
export function judgeCertificate(place: Place, { validity, nowMs }: { validity: Validity; nowMs: number }): Finding {
  const looked = { check: "certificate", of: nameOf(place) };
  const { fromMs, toMs } = validity;
  const leftMs = toMs - nowMs;
  if (leftMs <= 0) return wrong(looked, { said: `its certificate ended ${lengthOf(-leftMs)} ago`, mend: MEND });
  if (fromMs > nowMs) {
    const said = `its certificate begins only in ${lengthOf(fromMs - nowMs)}`;
    return wrong(looked, { said, mend: "set the clock of whoever issued it, or of this machine" });
  }
  if (leftMs < LEFT_SHARE_MIN * (toMs - fromMs)) {
    return wrong(looked, { said: `its certificate ends in ${lengthOf(leftMs)}`, mend: MEND });
  }
  return ok(looked, `good for another ${lengthOf(leftMs)}`);
}

function lengthOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
