// A worker whose second input never ends, for the test of who watches it.
import { begin, sharedOf } from "./shared.ts";

declare const self: { onmessage: (event: { data: { shared: SharedArrayBuffer } }) => void };

self.onmessage = ({ data: { shared } }) => {
  begin(sharedOf(shared), Uint8Array.of(1));
  begin(sharedOf(shared), Uint8Array.of(4, 2));
  for (;;);
};
