// A socket that to its client is a WebSocket which speaks slipstream.v1, and underneath is another one that speaks something
// else.
import { CloseCode } from "../proto/words.ts";

/** As much of a WebSocket as a client uses. */
export abstract class CarriedSocket {
  readonly carrier: WebSocket;
  binaryType: BinaryType = "arraybuffer";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  #isOpen = false;

  constructor(carrier: WebSocket) {
    this.carrier = carrier;
    carrier.binaryType = "arraybuffer";
    carrier.onopen = () => this.carrierOpened();
    carrier.onmessage = ({ data }) => this.carrierHeard(data);
    carrier.onerror = () => this.onerror?.();
    carrier.onclose = ({ code }) => this.onclose?.({ code });
  }

  get readyState(): number {
    const { readyState } = this.carrier;
    return readyState === WebSocket.OPEN && !this.#isOpen ? WebSocket.CONNECTING : readyState;
  }

  get bufferedAmount(): number {
    return this.carrier.bufferedAmount;
  }

  /** As whoever wants a WebSocket takes it. */
  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }

  abstract send(frame: Uint8Array<ArrayBuffer>): void;

  close(code: number = CloseCode.normal): void {
    // Clients may close with this one and their own codes only.
    if (this.carrier.readyState <= WebSocket.OPEN) this.carrier.close(code >= 3000 ? code : CloseCode.normal);
  }

  protected abstract carrierOpened(): void;
  protected abstract carrierHeard(data: ArrayBuffer | string): void;

  protected opened(): void {
    this.#isOpen = true;
    this.onopen?.();
  }

  /** The client hears a DroneDownlink. */
  protected heard(bytes: Uint8Array<ArrayBuffer>): void {
    this.onmessage?.({ data: bytes.slice().buffer });
  }
}
