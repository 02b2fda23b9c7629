// Connections of a process that listens before it has loaded what it connects by: whoever comes first need not wait for that.

type Connect = typeof import("./prompt_socket.ts").connectPromptly;

/** Connects as `connectPromptly` does, once it is loaded. */
export class LateSockets {
  #connect: Connect = () => {
    throw new Error("Cannot connect: what connects is not loaded yet");
  };

  async load(): Promise<void> {
    const { connectPromptly } = await import("./prompt_socket.ts");
    this.#connect = connectPromptly;
  }

  connect(...args: Parameters<Connect>): WebSocket {
    return this.#connect(...args);
  }
}
