// Which Slipstream this is: told in each process's status, in each hello, and by --version. It stands in deno.json; read
// with the modules it needs no file and no permission, wherever this runs.
import settings from "../deno.json" with { type: "json" };

/** As in semantic versioning. */
export const VERSION: string = settings.version;
