// A thread that never comes back from its first question.
self.onmessage = () => {
  for (let turns = 0;; turns++) if (turns < 0) return;
};
