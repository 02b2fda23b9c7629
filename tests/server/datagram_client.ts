// One that sends datagrams to a port of this machine, and hears what comes back.
import { createSocket, type Socket } from "node:dgram";
import { Changes } from "../changes.ts";

export class DatagramClient {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #changes = new Changes();
  readonly #heard: Uint8Array[] = [];

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on("message", (bytes) => {
      this.#heard.push(new Uint8Array(bytes));
      this.#changes.happened();
    });
  }

  static async open(port: number): Promise<DatagramClient> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind({ port: 0, address: "127.0.0.1" }, resolve));
    return new DatagramClient(socket, port);
  }

  /** Resolves when it is on its way: what is sent then comes after it. */
  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.send(data, this.#port, "127.0.0.1", () => resolve()));
  }

  async nextBytes(): Promise<Uint8Array> {
    return await this.#changes.until(() => this.#heard.shift());
  }

  /** The next datagram, as text. */
  async next(): Promise<string> {
    return new TextDecoder().decode(await this.nextBytes());
  }

  close(): void {
    this.#socket.close();
  }
}
