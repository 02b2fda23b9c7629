// deno task dashboards [--check]: writes Grafana's dashboards from the tables of metrics, or compares them with what is committed.
import { flag, optionsOf } from "../../platform/options.ts";
import { dashboards } from "./dashboards.ts";

const FOLDER = new URL("./dashboards/", import.meta.url);

const { check } = optionsOf({
  name: "deno task dashboards",
  about: "Writes Grafana's dashboards from the tables of metrics.",
  options: { check: flag("compares with what is committed instead of writing") },
});
const fresh = dashboards();
if (!check) {
  for (const [name, text] of fresh) await Deno.writeTextFile(new URL(name, FOLDER), text);
} else {
  const committed = new Map<string, string>();
  for await (const { name } of Deno.readDir(FOLDER)) {
    committed.set(name, await Deno.readTextFile(new URL(name, FOLDER)));
  }
  const stale = [...new Set([...fresh.keys(), ...committed.keys()])].filter((k) => fresh.get(k) !== committed.get(k));
  if (stale.length > 0) {
    console.error(
      `Cannot accept deploy/grafana/dashboards/: ${stale.join(", ")} are not what deno task dashboards writes`,
    );
    Deno.exit(1);
  }
}
