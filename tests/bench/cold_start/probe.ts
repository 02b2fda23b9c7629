// Loaded before an edge's main.ts, it notes when things happen in it, and says so on stdout when the edge listens: as JSON
// behind MARKS, in Unix ms.
import { MARKS, type Marks } from "./marks.ts";

const now = () => performance.timeOrigin + performance.now();
const marks: Marks = { runtimeMs: now(), graphMs: 0, wasmMs: 0, compileMs: 0, listenMs: 0 };

// main.ts reads the environment first of all.
const { toObject } = Deno.env;
Deno.env.toObject = () => {
  marks.graphMs = now();
  return toObject.call(Deno.env);
};
const { compile } = WebAssembly;
WebAssembly.compile = async (source: BufferSource) => {
  marks.wasmMs = now();
  const module = await compile(source);
  marks.compileMs = now() - marks.wasmMs;
  return module;
};
const { serve } = Deno;
Deno.serve = ((...args: Parameters<typeof serve>) => {
  const server = serve(...args);
  marks.listenMs = now();
  console.log(`${MARKS}${JSON.stringify(marks)}`);
  return server;
}) as typeof serve;
