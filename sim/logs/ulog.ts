// Flights that PX4 has logged (.ulg).
import { type Filelike, MessageType, ULog } from "@foxglove/ulog";
import { FileReader } from "@foxglove/ulog/node.js";
import type { Recording } from "../recording.ts";
import { type Measured, recordingOf } from "./measured.ts";
import { PX4_TOPICS, Px4Flight, type Px4Message } from "./px4.ts";

const SAID_MAX = 120;

interface Named {
  droneId: string;
  fileName: string;
}

/** As `readUlog`, of a file, which is read piece by piece. */
export async function readUlogFile(file: string, droneId: string): Promise<Recording> {
  const reader = new FileReader(file);
  try {
    return await readUlog(reader, { droneId, fileName: file });
  } finally {
    await reader.close();
  }
}

/**
 * The drone's recording, in order of time. A log that ends in the middle of a message, as one does whose drone lost
 * power, is read up to there.
 *
 * @throws {SyntaxError} naming the file, where it is no such log, or a damaged one.
 */
export async function readUlog(source: Filelike, { droneId, fileName }: Named): Promise<Recording> {
  const log = new ULog(source);
  await whole(fileName, log.open());
  const topics = topicsOf(log);
  const flight = new Px4Flight(new Set(Array.from(topics.values(), ({ topic }) => topic)));
  const measured: Measured[] = [];
  const messages = log.readMessages({ msgIds: new Set(topics.keys()), includeLogs: false });
  for (;;) {
    const { value: message, done } = await whole(fileName, messages.next());
    if (done) break;
    if (message.type !== MessageType.Data) continue;
    const timeUs = Number(message.value.timestamp);
    const row = flight.take({ ...topics.get(message.msgId)!, timeUs, values: message.value });
    if (row) measured.push(row);
  }
  return recordingOf(measured, { droneId, fileName });
}

// That we read, and that the log has messages of.
function topicsOf(log: ULog): Map<number, Pick<Px4Message, "topic" | "instance">> {
  const counts = log.dataMessageCounts();
  const wanted = [...log.subscriptions].filter(([id, { name }]) => PX4_TOPICS.has(name) && counts?.has(id));
  return new Map(wanted.map(([id, { name, multiId }]) => [id, { topic: name, instance: multiId }]));
}

// What the library says of bytes, and nothing that the file system says. It quotes what it has read, which may be anything.
async function whole<T>(file: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof Error) || "code" in error) throw error;
    const said = error.message.replace(/^oops: /, "the format ").replaceAll(/[^ -~]/g, "?").slice(0, SAID_MAX);
    throw new SyntaxError(`Cannot read ${file}: it is no log of PX4, or a damaged one: ${said}`);
  }
}
