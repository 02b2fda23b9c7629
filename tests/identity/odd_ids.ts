// Ids that a frame can have and that would like to be something else: a path, a line, a second field, another drone.
export const ODD_IDS = [
  ..."drone-1|.|..|...|../../etc/passwd|/etc/passwd|C:\\a|a/b|a%2Fb|%|%2|%2e%2e|a b| a|a |~|a~2|a#b|a?b|a&b=c|a:b@c"
    .split("|"),
  ..."-x|--hours|*|$(id)|`id`|'|\"|<b>|a,b|[::1]|before 1|# x|con|nul.pem|a!b|(a)|😀|ü|u\u0308|ÿ".split("|"),
  ...[
    "|",
    "a|b",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\u0001",
    "\u007f",
    "\u0085",
    "\u2028",
    "\u202eabc",
    "\ufeffa",
    "x".repeat(64),
    "ü".repeat(32),
    "😀".repeat(16),
  ],
];
