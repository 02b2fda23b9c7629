// A thread that publishes nothing: it says of itself what its settings have it say.
/// <reference lib="deno.worker" />
import type { PublishingOrder, PublishingTold } from "../../aggregator/sinks/publishing/orders.ts";

self.onmessage = ({ data }: MessageEvent<PublishingOrder<{ says: PublishingTold[] }> | { what: string }>) => {
  if ("settings" in data) { for (const told of data.settings.says) self.postMessage(told); }
  else if (data.what === "close") self.postMessage({ of: "closed" });
};
