// Whether a text is an IP address; what Node's library has for it brings all of its sockets along.

const BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = new RegExp(`^${BYTE}(\\.${BYTE}){3}$`);
const V6 = /^[\da-f:.]+$/i;

/** Its version; 0: it is none. */
export function isIP(text: string): 0 | 4 | 6 {
  if (V4.test(text)) return 4;
  return V6.test(text) && text.includes(":") && URL.canParse(`http://[${text}]`) ? 6 : 0;
}
