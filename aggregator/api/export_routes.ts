// Files of windows, alerts and tracks, for whoever looks at them elsewhere.
import type { Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import type { Gate } from "../../identity/gate.ts";
import { mayOnly, type Proven } from "../../identity/hono.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { exported, type Source } from "../export/exported.ts";
import type { After, Format, Wanted } from "../export/pages.ts";
import { TrackThread } from "../export/track_thread.ts";
import type { Ask, Unanswered } from "../sinks/history.ts";
import { refuse, unread } from "./answers.ts";
import { exportAlerts, exportTracks, exportWindows } from "./operations/exports.ts";

export interface ExportParts {
  gate: Pick<Gate, "admit" | "hold">;
  askHistory: Ask;
  /** The journal's folder; null: it is on no disk. */
  journalFolder: string | null;
  /** The last entry that told that a drone is erased: what is from before it must go. */
  erasedIndex: () => number;
  /** The history still has what is said to be erased. */
  owesErasure: () => boolean;
}

/** Why it cannot be begun now. */
type Refused = string;

const TYPES: Record<Format, string> = { csv: "text/csv", geojson: "application/geo+json" };
const PAGE_ROWS = 500;

export function exportRoutes(api: Hono<Proven>, parts: ExportParts): void {
  const { gate, askHistory, journalFolder, erasedIndex, owesErasure } = parts;
  const view = mayOnly(gate, "view");
  const thread = new TrackThread();
  api.get("/v1/export/windows", view, async (c) => {
    const said = await asked(c.req, exportWindows);
    if ("error" in said) return unread(c, said);
    const { from: fromUs, to: toUs, format = formatOf(c), ...windows } = said.query;
    return sent(c, { format, name: "windows", source: pages({ of: "windows", fromUs, toUs, ...windows }, format) });
  });
  api.get("/v1/export/alerts", view, async (c) => {
    const said = await asked(c.req, exportAlerts);
    if ("error" in said) return unread(c, said);
    const { from: fromUs, to: toUs, format = formatOf(c) } = said.query;
    return sent(c, { format, name: "alerts", source: pages({ of: "alerts", fromUs, toUs }, format) });
  });
  api.get("/v1/export/tracks", view, async (c) => {
    const said = await asked(c.req, exportTracks);
    if ("error" in said) return unread(c, said);
    const { drone: droneId, from: fromUs, to: toUs, format = formatOf(c) } = said.query;
    if (journalFolder === null) {
      return c.json({ error: "Cannot export tracks: there is no journal on a disk here" }, 404);
    }
    const query = { droneId, fromUs, toUs, afterIndex: erasedIndex() };
    const source = () => thread.start({ journalPath: journalFolder, query, format }) ?? "another one is under way";
    return await sent(c, { format, name: "tracks", source });
  });

  function pages(wanted: Wanted, format: Format): () => Source | Refused {
    return () => {
      if (owesErasure()) return "a drone is being erased";
      let after: After | null | undefined = null;
      return {
        next: async () => {
          if (after === undefined) return null;
          const answer = await askHistory({ what: "page", wanted, format, after, rowsMax: PAGE_ROWS });
          if (!("json" in answer)) throw new CannotExport(answer);
          after = answer.after ?? undefined;
          return answer.json;
        },
        stop: () => {},
      };
    };
  }

  async function sent(
    c: Context<Proven>,
    { format, name, source }: { format: Format; name: string; source: () => Source | Refused },
  ): Promise<Response> {
    const headers = {
      "content-type": TYPES[format],
      "content-disposition": `attachment; filename="slipstream-${name}.${format}"`,
      "vary": "accept",
    };
    // A HEAD comes here as well: nobody would read, nor end, what is begun for it.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const begun = source();
    if (typeof begun === "string") {
      return c.json({ error: `Cannot export ${name}: ${begun}` }, 503, { "retry-after": "5" });
    }
    const erased = erasedIndex();
    const mayGoOn = () => erasedIndex() === erased ? null : "a drone was erased meanwhile";
    try {
      const stream = await exported(begun, { hold: (end) => gate.hold(c.var.identity, end), mayGoOn });
      return c.body(stream, 200, headers);
    } catch (error) {
      if (error instanceof CannotExport) return refuse(c, error.unanswered);
      throw error;
    }
  }
}

/** The history has no answer. */
class CannotExport extends Error {
  readonly unanswered: Unanswered;

  constructor(unanswered: Unanswered) {
    super(unanswered.error);
    this.unanswered = unanswered;
  }
}

function formatOf(c: Context): Format {
  const type = accepts(c, { header: "Accept", supports: Object.values(TYPES), default: TYPES.csv });
  return type === TYPES.geojson ? "geojson" : "csv";
}
