// What `deno task doctor` can be asked for.
import { type Kind, list, text, type Values, whole } from "../../platform/kinds.ts";
import { flag, many } from "../../platform/options.ts";

const isHttp = (url: string) => /^https?:$/.test(URL.parse(url)?.protocol ?? "");
const must = "be an http:// or https:// URL";
const httpUrl = (described: { fallback: string; about: string }): Kind<string> =>
  text({ ...described, placeholder: "URL", fits: isHttp, must });
const file = (about: string) => text({ fallback: null, placeholder: "FILE", shown: "none", about });

const OPTIONS = {
  "edge": list({
    ...{
      fallback: ["http://127.0.0.1:8787"],
      placeholder: "URL,…",
      fits: isHttp,
      must: `${must}, or several with commas`,
    },
    about: "edges, with commas between",
  }),
  "aggregator": httpUrl({ fallback: "http://127.0.0.1:8788", about: "their aggregator" }),
  "token": file("a viewer's token, where somebody wants to know who asks"),
  "ca": file("PEM of those who sign for edges and aggregator, if not those whom the system knows"),
  "drone-token": many(
    file("twice: tokens of drones whose ids begin with doctor-, by which the probes prove who they are"),
  ),
  "pki": text({
    ...{ fallback: null, placeholder: "DIR", shown: "none" },
    about: "the PKI's folder, which issues all three instead",
  }),
  "without-probe": flag("nobody flies: nothing is sent to anybody"),
  "needs-kv": flag("an edge without a KV database is wrong"),
  "disk-mib": whole({ fallback: 1024, about: "less room for the journal is wrong" }),
  "json": flag("one object with all findings, nothing else"),
};
export type DoctorOptions = Values<typeof OPTIONS>;

export const DOCTOR = {
  name: "deno task doctor",
  about:
    "Looks at edges and their aggregator from outside, and says in a line each what is wrong and how it is mended. " +
    "Exits with 0, or with 1 if anything is wrong.",
  options: OPTIONS,
  rules: ({ "drone-token": tokens, pki, token }: DoctorOptions) => [
    ...tokens.length === 0 || tokens.length === 2 ? [] : ["--drone-token: two drones fly, give it twice"],
    ...pki !== null && (token !== null || tokens.length > 0) ? ["--pki issues the tokens itself"] : [],
  ],
};
