// What edges and aggregators say of themselves, as far as it is looked at; an older or newer one may not say all of it.
import { z } from "zod";

const EdgeFacts = z.object({
  version: z.string(),
  edgeId: z.string(),
  uplink: z.string(),
  uplinkTrouble: z.string().nullish(),
  kv: z.enum(["off", "works", "fails"]).optional(),
  /** ISO 8601. */
  time: z.string().optional(),
  level: z.number(),
});
export type EdgeFacts = z.infer<typeof EdgeFacts>;

const FleetFacts = z.object({
  version: z.string(),
  timeUs: z.number(),
  edges: z.array(z.object({ edgeId: z.string(), version: z.string(), connections: z.number() })),
  journal: z.object({ state: z.enum(["durable", "failing", "volatile"]), lastIndex: z.number() }),
});
export type FleetFacts = z.infer<typeof FleetFacts>;

const Alerts = z.object({ alerts: z.array(z.object({ alertId: z.number(), droneIds: z.array(z.string()) })) });
const Deliveries = z.object({
  deliveries: z.array(z.object({ alertId: z.number(), droneId: z.string(), outcome: z.string() })),
});

/** Null: whoever says this is none. */
const reader = <Facts>(shape: z.ZodType<Facts>) => (json: unknown): Facts | null => shape.safeParse(json).data ?? null;

export const edgeFacts = reader(EdgeFacts);
export const fleetFacts = reader(FleetFacts);
export const alertFacts = reader(Alerts);
export const deliveryFacts = reader(Deliveries);
