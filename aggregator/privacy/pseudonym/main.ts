// deno task pseudonym: what the log calls a drone.
import { text } from "../../../platform/kinds.ts";
import { optionsOf } from "../../../platform/options.ts";
import { pseudonyms, readKey } from "../../../platform/pseudonyms.ts";
import { configOf, DRONE, needsDrone, run } from "../places.ts";

const { drone, key } = optionsOf({
  name: "deno task pseudonym",
  about: "Prints the name that stands for a drone's id in the log.",
  options: {
    drone: DRONE,
    key: text({
      ...{ fallback: null, shown: "the aggregator's", placeholder: "FILE" },
      about: "the key by which names are made",
    }),
  },
  rules: needsDrone,
});

await run(() => {
  const path = key ?? configOf(Deno.env.toObject(), { sqlite: null, journal: null }).pseudonymKeyPath;
  if (path === null) throw new Error("Cannot name a drone: there is no journal to keep a key in; say --key");
  console.log(pseudonyms(readKey(path), "drone")(drone ?? ""));
});
