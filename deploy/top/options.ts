// What `deno task top` can be asked for.
import { text, type Values } from "../../platform/kinds.ts";
import { flag } from "../../platform/options.ts";

const file = (about: string) => text({ fallback: null, placeholder: "FILE", shown: "none", about });

const OPTIONS = {
  aggregator: text({
    ...{ fallback: "http://127.0.0.1:8788", placeholder: "URL", about: "whose fleet it is" },
    fits: (url: string) => /^https?:$/.test(URL.parse(url)?.protocol ?? ""),
    must: "be an http:// or https:// URL",
  }),
  token: file("a viewer's token, read again with each connection, where somebody wants to know who asks"),
  ca: file("PEM of those who sign for the aggregator, if not those whom the system knows"),
  once: flag("one picture, and an end; also where the output is no terminal"),
  json: flag("the same as one JSON object"),
};
export type TopOptions = Values<typeof OPTIONS>;

export const TOP = {
  name: "deno task top",
  about:
    "A running system in a terminal: the fleet, its edges, what takes longest, and the alerts that are open. q ends it.",
  options: OPTIONS,
};
