// What a thread that publishes does: what brokers, their client and a second pipeline cost holds up nobody else. It is told what to
// publish and how, then how far the journal is on the disk; what it throws is the error of its Worker.
/// <reference lib="deno.worker" />
import { systemPlatform } from "../../../platform/system.ts";
import { loadDecompress } from "../../batch/decompress.ts";
import { readOnlyDisk } from "../../journal/disk.ts";
import { readIdentity } from "../../journal/identity.ts";
import { JournalTail } from "../../journal/tail.ts";
import { findBase, progressName, progressText } from "./base.ts";
import type { Broker } from "./broker.ts";
import { JournalMessages } from "./messages.ts";
import { AnotherWriter, Publisher } from "./publisher.ts";
import type { PublishingOrder, PublishingTelling, PublishingTold } from "./publishing_thread.ts";

const PROGRESS_INTERVAL_MS = 1000;

type ConnectBy<Settings> = (settings: Settings, journalId: string) => Broker;

const { clock, after } = systemPlatform("publishing");
const tell = (told: PublishingTold) => self.postMessage(told);

/** Makes a Worker's thread one that publishes: once, as it begins. */
export function publishJournal<Settings>(connect: ConnectBy<Settings>): void {
  self.onmessage = ({ data }: MessageEvent<PublishingOrder<Settings>>) => publish(data, connect);
}

async function publish<Settings>(order: PublishingOrder<Settings>, connect: ConnectBy<Settings>): Promise<void> {
  const waiting: PublishingTelling[] = [];
  self.onmessage = ({ data }: MessageEvent<PublishingTelling>) => void waiting.push(data);
  const { publisher, writeProgress } = await begin(order, connect);
  const hear = async (telling: PublishingTelling) => {
    if (telling.what === "durable") return publisher.durable(telling.index);
    await publisher.close();
    writeProgress();
    tell({ of: "closed" });
    self.close();
  };
  self.onmessage = ({ data }: MessageEvent<PublishingTelling>) => void hear(data);
  for (const telling of waiting) void hear(telling);
  try {
    await publisher.ended;
  } catch (error) {
    if (!(error instanceof AnotherWriter)) throw error;
    // Began it anew, both would go on for ever.
    tell({ of: "fenced", why: error.message });
    self.close();
  }
}

async function begin<Settings>(
  { name, folder, settings, region, pipeline, topics, publishedIndex: published }: PublishingOrder<Settings>,
  connect: ConnectBy<Settings>,
) {
  const disk = readOnlyDisk(folder);
  const identity = readIdentity(disk);
  if (!identity) throw new Error(`Cannot publish: ${folder} holds no journal`);
  const { id: journalId, alertsAfter } = identity;
  const base = findBase(disk, { identity, published });
  if (base.missing) tell({ of: "missing", ...base.missing });
  const messages = new JournalMessages(pipeline, { decompress: await loadDecompress(), topics, region });
  if (base.state) messages.pipeline.restore(base.state);
  messages.pipeline.skipAlertIds(alertsAfter);
  const tail = new JournalTail({
    ...{ disk, afterIndex: base.index },
    onGap: (gap) => tell({ of: "missing", ...gap }),
  });
  let [last, wroteMs] = [published, -Infinity];
  // What a crash makes of it counts as nothing.
  const writeProgress = () => Deno.writeTextFileSync(`${folder}/${progressName(name)}`, progressText(journalId, last));
  const publisher = new Publisher({
    ...{ journalId, publishedIndex: published },
    read: (durableIndex) => tail.read(durableIndex),
    messagesOf: (stored) => messages.of(stored),
    connect: () => connect(settings, journalId),
    pause: (ms) => new Promise((resolve) => void after(ms, resolve)),
    onPublished: ({ index, timeUs: atUs }) => {
      last = Math.max(last, index);
      tell({ of: "published", index: last, atUs });
      if (clock() - wroteMs < PROGRESS_INTERVAL_MS) return;
      wroteMs = clock();
      writeProgress();
    },
    onTooLarge: ({ topic, key, value }) => tell({ of: "too-large", topic, key, bytes: value.length }),
    onTrouble: (why) => tell({ of: "trouble", why }),
  });
  // One that begins with now is to know after a restart when that was.
  writeProgress();
  return { publisher, writeProgress };
}
