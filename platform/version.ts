// Which Slipstream this is: told in each process's status and in each hello. deno.json and CHANGELOG.md say the same, and a
// test compares them; read from here it needs no file and no permission, wherever it runs.

/** As in semantic versioning. */
export const VERSION = "0.1.0";
