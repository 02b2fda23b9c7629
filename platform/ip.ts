// Whether a text is an IP address; what Node's library has for it brings all of its sockets along.

const BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = new RegExp(`^${BYTE}(\\.${BYTE}){3}$`);
const V6 = /^[\da-f:.]+$/i;

/** Its version; 0: it is none. */
export function isIP(text: string): 0 | 4 | 6 {
  if (V4.test(text)) return 4;
  return V6.test(text) && text.includes(":") && URL.canParse(`http://[${text}]`) ? 6 : 0;
}

/** An address, in the spelling in which a peer's is told: short, an IPv4 address that stands in an IPv6 one as IPv4. */
export function spelled(address: string): string {
  if (isIP(address) !== 6) return address;
  const [, high = "", low = ""] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostOf(address)) ?? [];
  if (low === "") return hostOf(address).slice(1, -1);
  return [high, low].map((word) => parseInt(word, 16)).flatMap((word) => [word >> 8, word & 255]).join(".");
}

/** In brackets. */
function hostOf(address: string): string {
  return new URL(`http://[${address}]`).hostname;
}
