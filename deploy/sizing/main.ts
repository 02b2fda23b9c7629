// deno task sizing: what fleets would take, from what a record was measured to cost.
import { number, whole } from "../../platform/kinds.ts";
import { many, optionsOf } from "../../platform/options.ts";
import { COST_US, RECORD_BYTES } from "./costs.ts";
import { sizingTable } from "./table.ts";

const DRONES = [10_000, 100_000, 1_000_000];
const us = (fallback: number, about: string) => number({ fallback, min: 0.01, max: 1e6, about });

const options = optionsOf({
  name: "deno task sizing",
  about: "What fleets would take, from what a record was measured to cost: a table, with the arithmetic.",
  options: {
    drones: many(whole({ fallback: null, max: 1e9, shown: DRONES.join(", "), about: "a fleet; may be repeated" })),
    rate: number({ fallback: 35, min: 0.001, max: 1e6, about: "records of a drone each second" }),
    busy: whole({ fallback: 70, max: 100, about: "% of a core that may be used" }),
    aggregator: whole({ fallback: 10_000, max: 1e6, about: "drones of one aggregator, at most" }),
    replicas: whole({ fallback: 3, max: 100, about: "of each partition" }),
    "edge-us": us(COST_US.edge, "of an edge's core for a record"),
    "aggregator-us": us(COST_US.aggregator, "of an aggregator's, without its thread for Kafka"),
    "publishing-us": us(COST_US.publishing, "of that thread's"),
    "broker-us": us(COST_US.broker, "of a broker's, one replica, read once"),
    "flink-us": us(COST_US.flink, "of a TaskManager's"),
  },
});
const costUs = {
  edge: options["edge-us"],
  aggregator: options["aggregator-us"],
  publishing: options["publishing-us"],
  broker: options["broker-us"],
  flink: options["flink-us"],
};
const fleet = {
  ...{ recordsPerDroneS: options.rate, costUs, recordBytes: RECORD_BYTES, busyPct: options.busy },
  ...{ dronesPerAggregator: options.aggregator, replicas: options.replicas },
};
console.log(sizingTable(fleet, options.drones.length > 0 ? options.drones : DRONES).join("\n"));
