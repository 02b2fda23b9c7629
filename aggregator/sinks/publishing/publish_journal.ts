// What a thread that publishes does: what brokers, their client and a second pipeline cost holds up nobody else. It is told what to
// publish and how, then how far the journal is on the disk; what it throws is the error of its Worker.
/// <reference lib="deno.worker" />
import { systemPlatform } from "../../../platform/system.ts";
import { loadDecompress } from "../../batch/decompress.ts";
import { readOnlyDisk, replaceFile } from "../../journal/disk.ts";
import { readIdentity } from "../../journal/identity.ts";
import { listSegments } from "../../journal/reader.ts";
import { JournalTail } from "../../journal/tail.ts";
import { PIPELINE_DEFAULTS } from "../../pipeline/pipeline.ts";
import { findBase } from "./base.ts";
import { AnotherWriter, type Broker } from "./broker.ts";
import { type Forgotten, messageWithout } from "./forgotten.ts";
import { progressName, progressText } from "./going_on.ts";
import { JournalMessages, type Message } from "./messages.ts";
import type { PublishingOrder, PublishingTelling, PublishingTold } from "./orders.ts";
import { Progress } from "./progress.ts";
import { Emptied, Publisher } from "./publisher.ts";

const SIZE_INTERVAL_MS = 5000;
/** Of 17,500 records a second some 175: half of the CPU that 30 at once take each, and little for an alert. */
const LINGER_MS = 10;

type ConnectBy<Settings> = (settings: Settings, journalId: string) => Broker;

const { clock, after, every } = systemPlatform("publishing");
const encoder = new TextEncoder();
const tell = (told: PublishingTold) => self.postMessage(told);

/** Makes a Worker's thread one that publishes: once, as it begins. */
export function publishJournal<Settings>(connect: ConnectBy<Settings>): void {
  self.onmessage = ({ data }: MessageEvent<PublishingOrder<Settings>>) => publish(data, connect);
}

async function publish<Settings>(order: PublishingOrder<Settings>, connect: ConnectBy<Settings>): Promise<void> {
  const waiting: PublishingTelling[] = [];
  self.onmessage = ({ data }: MessageEvent<PublishingTelling>) => void waiting.push(data);
  const { publisher, progress, forget } = await begin(order, connect);
  const hear = async (telling: PublishingTelling) => {
    if (telling.what === "durable") return publisher.durable(telling.index);
    if (telling.what === "forget") return forget(telling.drone);
    await publisher.close();
    await progress.close();
    tell({ of: "closed" });
    self.close();
  };
  self.onmessage = ({ data }: MessageEvent<PublishingTelling>) => void hear(data);
  for (const telling of waiting) void hear(telling);
  try {
    await publisher.ended;
  } catch (error) {
    // Began it anew where there is another, both would go on for ever.
    if (error instanceof AnotherWriter) {
      await progress.close();
      tell({ of: "fenced", why: error.message });
    } else if (error instanceof Emptied) tell({ of: "emptied" });
    else throw error;
    self.close();
  }
}

async function begin<Settings>(
  order: PublishingOrder<Settings>,
  connect: ConnectBy<Settings>,
) {
  const { name, folder, settings, place, remembers, region, topics, publishedIndex: published, forgotten: before } =
    order;
  const disk = readOnlyDisk(folder);
  const identity = readIdentity(disk);
  if (!identity) throw new Error(`Cannot publish: ${folder} holds no journal`);
  const { id: journalId, alertsAfter } = identity;
  const base = findBase(disk, { identity, published });
  if (base.missing) tell({ of: "missing", ...base.missing });
  const messages = new JournalMessages(PIPELINE_DEFAULTS, { decompress: await loadDecompress(), topics, region });
  if (base.state) messages.pipeline.restore(base.state);
  messages.pipeline.skipAlertIds(alertsAfter);
  const tail = new JournalTail({
    ...{ disk, afterIndex: base.index },
    onGap: (gap) => {
      // Let go from the front, while nobody could be reached: begun anew, the pipeline begins with a checkpoint behind it.
      const isGone = (listSegments(disk)[0]?.firstIndex ?? 0) > gap.firstIndex;
      if (isGone) throw new Error(`Cannot go on with entry ${gap.firstIndex}: the journal has let it go`);
      tell({ of: "missing", ...gap });
    },
  });
  const progress = new Progress(published, {
    write: (index) => {
      return replaceFile(folder, {
        name: progressName(name),
        blocks: [encoder.encode(progressText({ journalId, index, place }))],
      });
    },
    clock,
    onKept: (index) => tell({ of: "kept", index }),
    onFailed: (why) => tell({ of: "not-kept", why }),
  });
  let forgotten = [...before];
  const withoutThem = (message: Message) => messageWithout(message, forgotten);
  let isNew = false;
  const pause = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve));
  const publisher = new Publisher({
    ...{ journalId, publishedIndex: published, remembers },
    read: (durableIndex) => tail.read(durableIndex),
    messagesOf: (stored) => {
      if (!isNew && stored.index > published) tell({ of: "begun", atUs: stored.timeUs });
      isNew ||= stored.index > published;
      return messages.of(stored).flatMap((message) => withoutThem(message) ?? []);
    },
    connect: () => connect(settings, journalId),
    pause,
    linger: () => pause(LINGER_MS),
    onPublished: ({ index, timeUs: atUs }) => {
      progress.reached(index);
      tell({ of: "published", index: progress.lastIndex, atUs });
    },
    onSent: (sent) => tell({ of: "sent", sent }),
    onTooLarge: ({ topic, key, value }) => tell({ of: "too-large", topic, key, bytes: value.length }),
    onLost: (lost) => tell({ of: "lost", ...lost }),
    onUnseen: (unseen) => tell({ of: "unseen", ...unseen }),
    onTrouble: (why) => tell({ of: "trouble", why }),
  });
  // One that begins with now is to know after a restart when that was.
  progress.reached(published);
  const tellSize = () => {
    tell({ of: "size", journalBytes: listSegments(disk).reduce((sum, { bytes }) => sum + bytes, 0) });
  };
  tellSize();
  every(SIZE_INTERVAL_MS, tellSize);
  const forget = (drone: Forgotten) => {
    forgotten = [...forgotten.filter(({ index }) => index > progress.lastIndex), drone];
    publisher.change(withoutThem);
  };
  return { publisher, progress, forget };
}
