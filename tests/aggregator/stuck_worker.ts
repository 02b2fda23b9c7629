// A thread that never comes back from its first question.
/// <reference lib="deno.worker" />
self.onmessage = () => {
  for (let turns = 0;; turns++) if (turns < 0) return;
};
