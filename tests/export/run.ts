// How often properties are tried.
export const RUN = { numRuns: 300, seed: 21 };
