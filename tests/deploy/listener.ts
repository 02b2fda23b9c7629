// systemd's end of its socket: prints each datagram that it is sent, a line each, until it is ended. Run with --unstable-net.
const listener = Deno.listenDatagram({ transport: "unixpacket", path: Deno.args[0]! });
console.log("listening on it");
for await (const [bytes] of listener) console.log(new TextDecoder().decode(bytes));
