// The thread that reads tracks out of the journal, which takes as long as the journal is long. It is told where that is and what is
// wanted, then each time that there is room for more; it tells text, and null behind the last.
/// <reference lib="deno.worker" />
import { loadDecompress } from "../batch/decompress.ts";
import { readOnlyDisk } from "../journal/disk.ts";
import type { Format } from "./pages.ts";
import { trackText } from "./track_text.ts";
import { tracksOf, type TracksQuery } from "./tracks.ts";

/** What the thread is told first. */
export interface TracksWanted {
  journalPath: string;
  query: TracksQuery;
  format: Format;
}

const PIECE_CHARS = 128 << 10;

self.onmessage = async ({ data: { journalPath, query, format } }: MessageEvent<TracksWanted>) => {
  const parts = { disk: readOnlyDisk(journalPath), decompress: await loadDecompress() };
  const pieces = trackText(tracksOf(query, parts), format);
  const encoder = new TextEncoder();
  let isOver = false;
  const tell = () => {
    if (isOver) return self.postMessage(null);
    let text = "";
    while (!isOver && text.length < PIECE_CHARS) {
      const { done, value } = pieces.next();
      if (done) isOver = true;
      else text += value;
    }
    const bytes = encoder.encode(text);
    self.postMessage(bytes, [bytes.buffer]);
  };
  self.onmessage = tell;
  tell();
};
