// A process of its own for node-mavlink, which is not among the dependencies: it would bring a compiler of TypeScript, and other
// types of Node, to everybody. Arguments: the library, the stream, bytes of a piece (0: a frame is one), a key or nothing.
// For each byte on stdin it reads the stream once, and prints how many messages it found and ns for each.
const [library, path, size, key] = Deno.args;
const { ardupilotmega, common, MavLinkPacketParser, MavLinkPacketSplitter, minimal } = await import(library);
const REGISTRY = { ...minimal.REGISTRY, ...common.REGISTRY, ...ardupilotmega.REGISTRY };
const secret = key ? Uint8Array.from(key.match(/../g), (pair) => parseInt(pair, 16)) : null;
const { Buffer } = await import("node:buffer");
const pieces = cutUp(await Deno.readFile(path), Number(size));

for await (const turns of Deno.stdin.readable) {
  for (let i = 0; i < turns.length; i++) {
    const beganMs = performance.now();
    const found = await readOnce();
    console.log(JSON.stringify({ found, ns: (performance.now() - beganMs) * 1e6 / found }));
  }
}

function readOnce() {
  const splitter = new MavLinkPacketSplitter();
  const parser = new MavLinkPacketParser();
  return new Promise((resolve) => {
    let found = 0;
    splitter.pipe(parser).on("data", ({ header, payload, protocol, signature }) => {
      const message = REGISTRY[header.msgid];
      if (message && (!secret || signature?.matches(secret))) protocol.data(payload, message);
      found++;
    }).on("end", () => resolve(found));
    for (const piece of pieces) splitter.write(piece);
    splitter.end();
  });
}

function cutUp(bytes, size) {
  const cut = [];
  for (let at = 0; at < bytes.length;) {
    const length = size || 12 + bytes[at + 1] + ((bytes[at + 2] & 1) !== 0 ? 13 : 0);
    cut.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return cut;
}
