// Follows /v1/events for as long as somebody may.

const AGAIN_MS = 2000;

/**
 * @param on what to do with each event by its name; `onNews`: something came, whatever it is; `onOpen` and `onBroken`: the
 *   connection began, and ended; `only`: names of events, with commas between, if not all are wanted
 * @returns what ends it
 */
export function followEvents({ only, on, onNews, onOpen, onBroken }) {
  let source;
  let timer = 0;
  const follow = () => {
    source = new EventSource(only ? `/v1/events?only=${only}` : "/v1/events");
    for (const [name, show] of Object.entries(on)) {
      source.addEventListener(name, ({ data }) => {
        const value = JSON.parse(data);
        onNews(name, value);
        show(value);
      });
    }
    source.onopen = onOpen;
    source.onerror = () => {
      // The browser gives up after an HTTP error, unlike after a broken connection.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(follow, AGAIN_MS);
      onBroken();
    };
  };
  follow();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
