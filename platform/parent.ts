// A process that another one started for itself alone ends with it, however that ends: nobody is left to end it. The other
// one holds the writing end of its standard input, which the system closes for a process that is gone.

/** Set by who starts it so; whoever reads the environment calls `endWithParent` then. */
export const ENDS_WITH_PARENT = "SLIPSTREAM_ENDS_WITH_STDIN";

/** Set by a node for its edges: they read from their standard input who they are, and end with the node as well. */
export const MEMBER_OF_NODE = "SLIPSTREAM_MEMBER_OF_NODE";

const PIECE_BYTES = 1024;

/** Calls `end` when `stdin` ends, or cannot be read any more. */
export async function endWithParent(stdin: { read: (into: Uint8Array) => Promise<number | null> }, end: () => void) {
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    while (await stdin.read(piece) !== null);
  } finally {
    end();
  }
}
