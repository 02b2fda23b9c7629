// An operator of NATS with an account and a user, as `nsc` makes them: what a server is set to, and the user's file of credentials.
import { Buffer } from "node:buffer";
import { nkeys } from "@nats-io/transport-node";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const OF_ACCOUNT = {
  limits: {
    ...{ ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
    ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
  },
};

/** A JSON Web Token as NATS signs them. */
function signed(issuer: KeyPair, { subject, claims }: { subject: KeyPair; claims: object }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(Date.now() / 1000);
  const names = { jti: crypto.randomUUID(), iat, iss: issuer.getPublicKey(), sub: subject.getPublicKey() };
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ ...names, name: "test", nats: claims })}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString("base64url")}`;
}

export function operatorMode(): { settings: string[]; credentials: string } {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const ofOperator = { type: "operator", version: 2, system_account: system.getPublicKey() };
  const ofAccount = { type: "account", version: 2, ...OF_ACCOUNT };
  const withoutJetStream = { ...ofAccount.limits, mem_storage: 0, disk_storage: 0 };
  const accounts = [
    [system, signed(operator, { subject: system, claims: { ...ofAccount, limits: withoutJetStream } })],
    [account, signed(operator, { subject: account, claims: ofAccount })],
  ] as const;
  const settings = [
    `operator: "${signed(operator, { subject: operator, claims: ofOperator })}"`,
    `system_account: ${system.getPublicKey()}`,
    "resolver: MEMORY",
    `resolver_preload { ${accounts.map(([key, jwt]) => `${key.getPublicKey()}: "${jwt}"`).join("\n")} }`,
  ];
  const jwt = signed(account, { subject: user, claims: { type: "user", version: 2, ...UNLIMITED } });
  const seed = new TextDecoder().decode(user.getSeed());
  const block = (what: string, text: string) => `-----BEGIN ${what}-----\n${text}\n------END ${what}------\n`;
  return { settings, credentials: `${block("NATS USER JWT", jwt)}\n${block("USER NKEY SEED", seed)}` };
}
