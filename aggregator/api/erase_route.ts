// Has a drone erased, for whoever asks for it: see Erasure.
import type { Hono } from "hono";
import type { Gate } from "../../identity/gate.ts";
import { changes, jsonOnly, mayOnly, ownPageOnly, type Proven, provenName } from "../../identity/hono.ts";
import type { Erasing } from "../core/erasure.ts";
import type { Pseudonym } from "../../platform/pseudonyms.ts";
import type { Sequencer } from "../core/sequencer.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { unread } from "./answers.ts";
import { eraseDrone } from "./operations/fleet.ts";

/** Who erases drones, and what is left in their place. */
export interface EraseParts {
  erase: (drone: { droneId: string; name: string }) => Promise<Erasing>;
  pseudonym: Pseudonym;
  gate: Pick<Gate, "admit">;
  /** Monotonic ms. */
  clock: () => number;
  sequencer: Pick<Sequencer, "audit">;
  log: (level: "info" | "warn", message: string) => void;
}

/** `POST /v1/drones/:id/erase` with `{"by": "WHO"}`: 200 when it is done, 202 when it will be, 503 when it cannot be now. */
export function eraseRoute(api: Hono<Proven>, { erase, pseudonym, gate, clock, sequencer, log }: EraseParts): void {
  const guards = [mayOnly(gate, "administer"), ownPageOnly, jsonOnly, changes(clock)] as const;
  api.post("/v1/drones/:id/erase", ...guards, async (c) => {
    const said = await asked(c.req, eraseDrone);
    if ("error" in said) return unread(c, said);
    const by = provenName(c.var.identity, said.body.by);
    const droneId = said.params.id;
    const name = pseudonym(droneId);
    const erasing = await erase({ droneId, name });
    log("info", `erasing ${name}: ${erasing}, asked by ${JSON.stringify(by)}`);
    if (erasing === "refused") {
      return c.json({ error: "Cannot erase it: the journal cannot be written" }, 503, { "retry-after": "5" });
    }
    // By the name that is left of it: the record is kept.
    await sequencer.audit({ who: by, what: "erase drone", subject: name, before: "", after: erasing });
    return c.json({ name, by }, erasing === "done" ? 200 : 202);
  });
}
