// A plain stream of bytes from a server, over TCP: read as they come, until one end closes.

/** What is done with what a connection brings; after `closed` nothing more comes. */
export interface DialEnds {
  opened: () => void;
  /** A view, to be copied or forgotten. */
  bytes: (chunk: Uint8Array) => void;
  /** It could not be opened, or is over. */
  closed: (why: string) => void;
}

export interface Dialled {
  close: () => void;
}

export type Dial = (place: { host: string; port: number }, ends: DialEnds) => Dialled;

const CHUNK_BYTES = 1 << 14;

/** Connects; never throws. */
export const dial: Dial = ({ host, port }, ends) => {
  let connection: Deno.TcpConn | null = null;
  let isClosed = false;
  const read = async () => {
    connection = await Deno.connect({ hostname: host, port });
    if (isClosed) return connection.close();
    // Whoever is cut off sends no more, and no end.
    connection.setKeepAlive(true);
    ends.opened();
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const length = await connection.read(chunk);
      if (length === null || isClosed) break;
      ends.bytes(chunk.subarray(0, length));
    }
  };
  const end = (why: string) => {
    if (isClosed) return;
    isClosed = true;
    connection?.close();
    ends.closed(why);
  };
  read().then(() => end("it has closed"), (error: unknown) => end(error instanceof Error ? error.message : `${error}`));
  return {
    close: () => {
      if (isClosed) return;
      isClosed = true;
      connection?.close();
    },
  };
};
