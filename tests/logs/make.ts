// Makes the logs of flights/, and beside each what others read in it:
// PYTHONPATH=$(tests/with/pyulog.sh):$(tests/with/pymavlink.sh) deno run -A tests/logs/make.ts
import { dataflashOf } from "./dataflash_writer.ts";
import { arduPilotFlight, px4Flight } from "./flight.ts";
import { readByOthers } from "./other_readers.ts";
import { ulogOf } from "./ulog_writer.ts";

const FLIGHTS = new URL("./flights/", import.meta.url).pathname;
const logs = { "px4.ulg": ulogOf(px4Flight()), "ardupilot.bin": dataflashOf(arduPilotFlight()) };

await Deno.mkdir(FLIGHTS, { recursive: true });
for (const [name, bytes] of Object.entries(logs)) {
  await Deno.writeFile(FLIGHTS + name, bytes);
  const lines = (await readByOthers(FLIGHTS + name)).map((read) => JSON.stringify(read));
  await Deno.writeTextFile(`${FLIGHTS}${name}.jsonl`, `${lines.join("\n")}\n`);
}
