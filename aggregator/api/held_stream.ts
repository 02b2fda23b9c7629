// A stream of a response that somebody else may end.

/** The same stream; `hold` is given what ends it, and says what is to be called once it has ended. */
export function held<Chunk>(
  stream: ReadableStream<Chunk>,
  hold: (end: () => void) => () => void,
): ReadableStream<Chunk> {
  const ending = new AbortController();
  const letGo = hold(() => ending.abort());
  const reader = stream.getReader();
  ending.signal.addEventListener("abort", () => void reader.cancel());
  return new ReadableStream<Chunk>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      letGo();
      controller.close();
    },
    cancel(reason) {
      letGo();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
