// All that edges tell, and nodes of several of them.
import type { DashboardPlan } from "./dashboard.ts";
import { PROCESS_PANELS } from "./process_panels.ts";

export const EDGE_PLAN: DashboardPlan = {
  uid: "slipstream-edges",
  title: "Slipstream: edges",
  instancesOf: "slipstream_edge_connections",
  isComplete: true,
  rows: [
    {
      title: "Drones",
      panels: [
        {
          title: "Connections",
          shows: [
            { metric: "slipstream_edge_connections", as: "all" },
            { metric: "slipstream_edge_protocol_connections" },
            { metric: "slipstream_edge_mavlink_links", as: "MAVLink links" },
          ],
        },
        {
          title: "Connections refused",
          shows: ["slipstream_edge_connections_refused_total", {
            metric: "slipstream_edge_denied_total",
            as: "denied",
          }],
        },
        {
          title: "Table of drones",
          about: "A drone that finds it full is refused",
          shows: [
            { metric: "slipstream_edge_slots", as: "known" },
            { metric: "slipstream_edge_slot_speakers", as: "speakers" },
            { metric: "slipstream_edge_slots_max", as: "room" },
          ],
        },
      ],
    },
    {
      title: "Records",
      panels: [
        {
          title: "Records by verdict",
          shows: ["slipstream_edge_records_total", {
            metric: "slipstream_edge_records_received_total",
            as: "received",
          }],
        },
        {
          title: "Refused or lost, by why",
          shows: [
            "slipstream_edge_ledger_records_total",
            { metric: "slipstream_edge_ledger_overflow_records_total", as: "no place in the ledger" },
          ],
        },
        {
          title: "Frames",
          shows: [
            { metric: "slipstream_edge_frames_received_total", as: "received" },
            { metric: "slipstream_edge_frames_malformed_total", as: "malformed" },
            { metric: "slipstream_edge_frames_foreign_total", as: "foreign" },
            { metric: "slipstream_edge_frames_trapped_total", as: "trapped" },
          ],
        },
      ],
    },
    {
      title: "Batches",
      panels: [
        { title: "Records by lane", shows: ["slipstream_edge_sealed_records_total"] },
        {
          title: "Why lanes leave",
          shows: ["slipstream_edge_flushes_total", { metric: "slipstream_edge_batches_total", as: "lane" }],
        },
        {
          title: "Bytes",
          shows: [
            { metric: "slipstream_edge_received_bytes_total", as: "of frames" },
            { metric: "slipstream_edge_batch_raw_bytes_total", as: "of batches" },
            { metric: "slipstream_edge_batch_sent_bytes_total", as: "compressed" },
          ],
        },
      ],
    },
    {
      title: "Uplink",
      panels: [
        { title: "Acknowledgement of a batch", shows: ["slipstream_edge_acknowledgement_seconds"] },
        {
          title: "Batches under way",
          about: "In flight as many as there is credit: the aggregator does not keep up",
          shows: [
            { metric: "slipstream_edge_batches_in_flight", as: "in flight" },
            { metric: "slipstream_edge_batches_credit", as: "credit" },
            { metric: "slipstream_edge_batches_taken", as: "taken" },
            { metric: "slipstream_edge_batches_unacknowledged", as: "unacknowledged" },
          ],
        },
        {
          title: "Connection and circuit",
          shows: [
            { metric: "slipstream_edge_uplink_connected", as: "connected" },
            { metric: "slipstream_edge_breaker_state", as: "circuit" },
          ],
        },
        { title: "Backlog", shows: ["slipstream_edge_backlog_bytes"] },
        {
          title: "Backlog: age, and when it is sent",
          shows: [
            { metric: "slipstream_edge_backlog_age_seconds", as: "age" },
            { metric: "slipstream_edge_backlog_eta_seconds", as: "sent in" },
          ],
        },
        { title: "Overload level", shows: ["slipstream_edge_overload_level"] },
      ],
    },
    {
      title: "Warnings to drones",
      panels: [
        {
          title: "Warnings",
          shows: [
            { metric: "slipstream_edge_warnings_sent_total", as: "sent" },
            { metric: "slipstream_edge_warnings_delivered_total", as: "delivered" },
            { metric: "slipstream_edge_warnings_acknowledged_total", as: "acknowledged" },
            { metric: "slipstream_edge_warnings_unreachable_total", as: "unreachable" },
          ],
        },
        {
          title: "Acknowledgements of drones",
          shows: [
            { metric: "slipstream_edge_alert_acks_total", as: "all" },
            { metric: "slipstream_edge_alert_acks_unknown_total", as: "of what nobody sent" },
          ],
        },
      ],
    },
    {
      title: "Nodes of several edges",
      panels: [
        { title: "Edges of a node", shows: [{ metric: "slipstream_edge_processes", by: ["instance", "state"] }] },
        {
          title: "Edges started again",
          about: "More than none: the node's log says how the last one ended",
          shows: ["slipstream_edge_process_restarts_total"],
        },
      ],
    },
    { title: "Processes", panels: PROCESS_PANELS },
  ],
};
