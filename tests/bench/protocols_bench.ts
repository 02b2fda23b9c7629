// deno bench: what a record costs by each protocol.
import { registerCases } from "./bench_case.ts";
import { protocolCases } from "./protocols.ts";

registerCases(await protocolCases());
