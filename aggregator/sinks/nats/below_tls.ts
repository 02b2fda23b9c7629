// The client leaves the socket below TLS without anybody who hears of its errors, and open for a moment when it closes. That it is
// reset says nothing that the connection above does not say; unheard it would end the thread.

/** For a thread, or a process, that speaks to NATS by TLS: once, as it begins. */
export function hearResets(): void {
  globalThis.addEventListener("error", (event) => {
    if (event.error?.code === "ECONNRESET") event.preventDefault();
  });
}
