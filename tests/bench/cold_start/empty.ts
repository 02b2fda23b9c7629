// The least that a process can do which answers: the limit of a cold start.
Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen: () => {} },
  () => new Response("hello"),
);
