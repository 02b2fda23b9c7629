// How many replicas are wanted, as both processes tell it.
import { z } from "zod";
import type { ScaleView } from "../scaling.ts";
import { describing } from "./operation.ts";

const signal = z.number().nullable();

export const Scale = describing<ScaleView>()(
  z.object({
    replicas: z.int().min(0).meta({ description: "That are there" }),
    wanted: z.int().min(0),
    reasons: z.array(z.string()),
    signals: z.object({ cpuPct: signal, lagMs: signal, connectionsPct: signal, backlogMs: signal })
      .meta({ description: "By which that was judged; null: nobody can tell" }),
  }).meta({ id: "Scale", description: "How many replicas are wanted, and why" }),
);
