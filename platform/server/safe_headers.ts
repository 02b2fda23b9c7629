// What every answer tells a browser: whatever it was sent, it is to be shown by no other page, and run from nowhere else.

/** Unless the answer says otherwise itself. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Where TLS ends here; not for loopback, where a browser would hold it against every other port of its machine. */
export const HSTS = "max-age=31536000";
