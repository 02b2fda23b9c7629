// Has a thread of its own (tracks_worker.ts) read tracks, one at a time: it reads the whole journal, and whoever judges and warns needs
// the other cores.
import type { Source } from "./exported.ts";
import type { TracksWanted } from "./tracks_worker.ts";

export class TrackThread {
  #isRunning = false;

  /** Null: another is under way. */
  start(wanted: TracksWanted): Source | null {
    if (this.#isRunning) return null;
    this.#isRunning = true;
    const thread = new Worker(new URL("./tracks_worker.ts", import.meta.url), { type: "module", name: "tracks" });
    let isOver = false;
    let waiting = Promise.withResolvers<Uint8Array<ArrayBuffer> | null>();
    // Whoever asks hears of it; nobody may.
    waiting.promise.catch(() => {});
    const stop = () => {
      if (isOver) return;
      isOver = true;
      this.#isRunning = false;
      thread.terminate();
    };
    const fail = (why: string) => {
      stop();
      waiting.reject(new Error(`Cannot export tracks: ${why}`));
    };
    thread.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer> | null>) => {
      if (data === null) stop();
      waiting.resolve(data);
    };
    thread.onerror = (event) => {
      // Otherwise the error is the process's.
      event.preventDefault();
      fail(event.message);
    };
    thread.onmessageerror = () => fail("the thread's answer cannot be read");
    thread.postMessage(wanted);
    return {
      next: async () => {
        const piece = await waiting.promise;
        if (piece !== null && !isOver) {
          waiting = Promise.withResolvers();
          waiting.promise.catch(() => {});
          thread.postMessage("more");
        }
        return piece;
      },
      stop,
    };
  }
}
