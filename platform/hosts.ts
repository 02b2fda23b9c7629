// Which names a server answers to. A page of somebody else can have its own name lead to this machine (DNS rebinding): to the
// browser the two are then one, and only the name that it asks for tells them apart.

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** A name or an address, without a port; IPv6 in brackets. */
export function isHost(text: string): boolean {
  return /^[\w.:[\]-]+$/.test(text) && nameOf(text) === text;
}

/**
 * Why a request with this `Host` is not answered; null: it is. Any port will do: what forwards a port has one of its own. Browsers
 * always send the header; who sends none is no page.
 * @param known names besides those of loopback
 */
export function refusalOfHost(host: string | undefined, known: ReadonlySet<string>): string | null {
  if (host === undefined) return null;
  const name = nameOf(host);
  if (isLoopbackHost(host) || (name !== null && known.has(name))) return null;
  return `Cannot answer to the name ${JSON.stringify(host)}: see SLIPSTREAM_HOSTS`;
}

/** Whether a request with this `Host` comes from the machine itself. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = host === undefined ? null : nameOf(host);
  return name !== null && LOOPBACK.test(name);
}

/** As a browser understands it, in lower case and without the port; null: it is none. */
function nameOf(host: string): string | null {
  const url = `http://${host}`;
  return /[\s/\\?#@]/.test(host) || !URL.canParse(url) ? null : new URL(url).hostname;
}
