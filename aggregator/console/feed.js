// Follows /v1/events for as long as the page is open.

const AGAIN_MS = 2000;

/**
 * @param on what to do with each event by its name; `onNews`: something came, whatever it is; `onOpen` and `onBroken`: the
 *   connection began, and ended; `only`: names of events, with commas between, if not all are wanted
 */
export function followEvents({ only, on, onNews, onOpen, onBroken }) {
  const source = new EventSource(only ? `/v1/events?only=${only}` : "/v1/events");
  for (const [name, show] of Object.entries(on)) {
    source.addEventListener(name, ({ data }) => {
      const value = JSON.parse(data);
      onNews(name, value);
      show(value);
    });
  }
  source.onopen = onOpen;
  source.onerror = () => {
    onBroken();
    // The browser gives up after an HTTP error, unlike after a broken connection.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => followEvents({ only, on, onNews, onOpen, onBroken }), AGAIN_MS);
    }
  };
}
