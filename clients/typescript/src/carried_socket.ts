// A socket that to its client is a WebSocket which speaks slipstream.v1, and underneath is another one that speaks something
// else.
import { CloseCode } from "../../../proto/words.ts";

/** The readyState of sockets, which are not everywhere the global ones. */
const CONNECTING = 0;
const OPEN = 1;

/** As much of a WebSocket as a client uses. */
export abstract class CarriedSocket {
  readonly carrier: WebSocket;
  binaryType: BinaryType = "arraybuffer";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: Pick<CloseEvent, "code" | "reason">) => void) | null = null;
  #isOpen = false;

  constructor(carrier: WebSocket) {
    this.carrier = carrier;
    carrier.binaryType = "arraybuffer";
    carrier.onopen = () => this.carrierOpened();
    carrier.onmessage = ({ data }) => this.carrierHeard(data);
    carrier.onerror = (event) => this.onerror?.(event);
    carrier.onclose = ({ code, reason }) => this.onclose?.({ code, reason });
  }

  get readyState(): number {
    const { readyState } = this.carrier;
    return readyState === OPEN && !this.#isOpen ? CONNECTING : readyState;
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
    if (this.carrier.readyState <= OPEN) this.carrier.close(code >= 3000 ? code : CloseCode.normal);
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
