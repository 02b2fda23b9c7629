// A PKI in a folder: each method keeps its files true to each other. What was issued is written down before anybody can have it.
import { type IdentityKind, identityUri } from "../uri.ts";
import { parseRevocationList, type Revocation, revocationLine, type Revoked, revokedMs } from "../revocation_list.ts";
import { type Authority, BACKDATED_S, certify, type Claim, createRoot, loadRoot } from "./authority.ts";
import { createCrl } from "./crl.ts";
import { PkiFolder } from "./folder.ts";
import { concerns, type Issued, issuedText, parseIssued } from "./issued.ts";
import { fileName, FILES } from "./files.ts";
import * as keys from "./signing_keys.ts";
import { type Role, signToken } from "./tokens.ts";

export interface Subject {
  kind: IdentityKind;
  id: string;
}

interface TokenRequest extends Subject {
  role: Role | null;
  audience: string;
  minutes: number;
  boundTo: string | null;
}

/** Makes one; its files. @throws {Error} when anything is in the folder */
export async function createPki(path: string, { fleet, nowMs }: { fleet: string; nowMs: number }): Promise<string[]> {
  using folder = await PkiFolder.create(path);
  const root = await createRoot(fleet, nowMs);
  const tokenKey = await keys.createSigningKey();
  const crl = await createCrl(await loadRoot(root), { entries: [], nowMs });
  const secret = { isSecret: true };
  const shown = { isSecret: false };
  return [
    folder.replace(FILES.rootKey, root.key, secret),
    folder.replace(FILES.tokenKey, JSON.stringify(tokenKey.jwk), secret),
    folder.replace(FILES.issued, "", secret),
    folder.replace(FILES.keySet, keys.keySetText([keys.publicKeyOf(tokenKey)]), shown),
    folder.replace(FILES.revoked, "", shown),
    folder.replace(FILES.crl, crl, shown),
    folder.replace(FILES.root, root.certificate, shown),
  ];
}

/** One that is there; nobody else has it until it is disposed of. */
export class Pki implements Disposable {
  readonly #folder: PkiFolder;
  readonly #root: Authority;
  readonly #now: () => number;

  private constructor(folder: PkiFolder, root: Authority, { now }: { now: () => number }) {
    this.#folder = folder;
    this.#root = root;
    this.#now = now;
  }

  /** @param now Unix ms */
  static async open(path: string, { now }: { now: () => number }): Promise<Pki> {
    const folder = await PkiFolder.open(path);
    try {
      const root = await loadRoot({ certificate: folder.read(FILES.root), key: folder.read(FILES.rootKey) });
      return new Pki(folder, root, { now });
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** A certificate by which a drone or an edge proves who it is, and its key, in one file: its path. */
  async issueTo(subject: Subject, { hours }: { hours: number }): Promise<string> {
    const [pem = ""] = await this.issueAll([subject], { hours });
    return this.#folder.replace(fileName(subject.kind, subject.id), pem, { isSecret: true });
  }

  /** The same for many at once, and in no files: what would stand in them, in the order of the subjects. */
  async issueAll(subjects: readonly Subject[], { hours }: { hours: number }): Promise<string[]> {
    const issued = await Promise.all(subjects.map((subject) => {
      const uri = this.#uri(subject);
      const fromS = this.#fromS(uri, BACKDATED_S);
      return this.#certify({ title: subject.kind, uri, names: [], usage: "client", fromS }, { hours, subject: uri });
    }));
    this.#remember(issued.map(({ one }) => one));
    return issued.map(({ pem }) => pem);
  }

  /** The same for a server, by its names and addresses. */
  async issueToServer(names: string[], { hours }: { hours: number }): Promise<string> {
    const fromS = this.#nowS() - BACKDATED_S;
    const claim = { title: "server", uri: null, names, usage: "server" as const, fromS };
    const { one, pem } = await this.#certify(claim, { hours, subject: `server ${names.join(",")}` });
    this.#remember([one]);
    return this.#folder.replace(fileName("server", names[0]!), pem, { isSecret: true });
  }

  /** The token itself. */
  async issueToken(request: TokenRequest): Promise<string> {
    const [token = ""] = await this.issueTokens([request]);
    return token;
  }

  /** The same for many at once, in the order of the requests. */
  async issueTokens(requests: readonly TokenRequest[]): Promise<string[]> {
    const issuer = `slipstream://${this.#root.fleet}`;
    const key = keys.readSigningKey(this.#folder.read(FILES.tokenKey));
    const claims = requests.map(({ kind, id, minutes, ...rest }) => {
      const subject = this.#uri({ kind, id });
      const fromS = this.#fromS(subject, 0);
      return { ...rest, jti: crypto.randomUUID(), issuer, subject, fromS, untilS: fromS + minutes * 60 };
    });
    this.#forgetEndedKeys();
    this.#remember(
      claims.map(({ jti, subject, fromS, untilS }) => ({ what: "token", id: jti, subject, fromS, untilS })),
    );
    return await Promise.all(claims.map((claim) => signToken(key, claim)));
  }

  /** A new signing key, its kid; the one before is believed until its tokens have ended, or no more. */
  async rotateTokens({ isLeaked }: { isLeaked: boolean }): Promise<string> {
    const key = await keys.createSigningKey();
    const before = this.#keySet().filter(({ sub }) => !isLeaked || sub !== undefined);
    // Who checks tokens must know the key before anybody has a token of it.
    this.#replace(FILES.keySet, keys.keySetText(keys.rotated(before, { key, nowS: this.#nowS() })));
    this.#folder.replace(FILES.tokenKey, JSON.stringify(key.jwk), { isSecret: true });
    return key.kid;
  }

  /** The private key by which an edge signs its own tokens, as a JSON Web Key; the one before ends as at a rotation. */
  async issueKey(subject: Subject): Promise<string> {
    const sub = this.#uri(subject);
    const key = await keys.createSigningKey();
    const before = keys.replaced(this.#keySet(), { sub, nowS: this.#nowS() });
    this.#replace(FILES.keySet, keys.keySetText([...before, { ...keys.publicKeyOf(key), sub }]));
    return JSON.stringify({ ...key.jwk, sub });
  }

  /** What ends all that an identity has got until now: it is believed again from `beforeS` on, by what it gets then. */
  allOf(subject: Subject): Extract<Revoked, { what: "identity" }> {
    return { what: "identity", uri: this.#uri(subject), beforeS: this.#nowS() + 1 };
  }

  /** Writes it down, and the list for TLS servers: what ends by it. */
  async revoke(revoked: Revoked, { reason }: { reason: string }): Promise<Issued[]> {
    const before = this.#revocations();
    const note = `${new Date(this.#now()).toISOString()} ${reason}`.trim();
    const all = [...before, { ...revoked, note }];
    this.#replace(FILES.revoked, all.map(revocationLine).join(""));
    await this.#writeCrl(all);
    if (revoked.what === "identity") this.#dropKeysOf(revoked.uri);
    return this.list().filter((one) => concerns(revoked, one) && one.untilS > this.#nowS());
  }

  /** What was issued, the oldest first. */
  list(): (Issued & { state: "valid" | "ended" | "revoked" })[] {
    const revocations = this.#revocations();
    const state = (one: Issued) => {
      if (revocations.some((revoked) => concerns(revoked, one))) return "revoked";
      return one.untilS > this.#nowS() ? "valid" : "ended";
    };
    return this.#issued().map((one) => ({ ...one, state: state(one) }));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  async #certify(
    claim: Omit<Claim, "untilS">,
    { hours, subject }: { hours: number; subject: string },
  ): Promise<{ one: Issued; pem: string }> {
    const untilS = this.#nowS() + Math.floor(hours * 3600);
    const { serial, pem } = await certify(this.#root, { ...claim, untilS });
    return { one: { what: "certificate", id: serial, subject, fromS: claim.fromS, untilS }, pem };
  }

  async #writeCrl(revocations: readonly Revocation[]): Promise<void> {
    const nowMs = this.#now();
    const issued = this.#issued().filter(({ what, untilS }) => what === "certificate" && untilS * 1000 > nowMs);
    const since = new Map<string, number>();
    for (const revocation of revocations) {
      const listed = revocation.what === "certificate" ? [revocation.serial] : [];
      const concerned = issued.filter((one) => concerns(revocation, one)).map(({ id }) => id);
      for (const serial of [...listed, ...concerned]) {
        if (!since.has(serial)) since.set(serial, revokedMs(revocation) ?? nowMs);
      }
    }
    const entries = Array.from(since, ([serial, sinceMs]) => ({ serial, sinceMs }));
    this.#replace(FILES.crl, await createCrl(this.#root, { entries, nowMs }));
  }

  /** From when on something is valid that is issued now: never from before its subject was revoked. */
  #fromS(uri: string, backdatedS: number): number {
    const revokedS = this.#revocations().map((one) => one.what === "identity" && one.uri === uri ? one.beforeS : 0);
    return Math.max(this.#nowS() - backdatedS, ...revokedS);
  }

  /** Before anybody has it. */
  #remember(more: readonly Issued[]): void {
    this.#folder.replace(FILES.issued, issuedText([...this.#issued(), ...more], this.#nowS()), { isSecret: true });
  }

  /** What it signs itself is never older than the revocation. */
  #dropKeysOf(uri: string): void {
    const before = this.#keySet();
    const left = before.filter(({ sub }) => sub !== uri);
    if (left.length < before.length) this.#replace(FILES.keySet, keys.keySetText(left));
  }

  #forgetEndedKeys(): void {
    const before = this.#keySet();
    const left = keys.unended(before, this.#nowS());
    if (left.length < before.length) this.#replace(FILES.keySet, keys.keySetText(left));
  }

  #replace(name: string, text: string): void {
    this.#folder.replace(name, text, { isSecret: false });
  }

  #issued(): Issued[] {
    return parseIssued(this.#folder.read(FILES.issued));
  }

  #revocations(): Revocation[] {
    return parseRevocationList(this.#folder.read(FILES.revoked));
  }

  #keySet(): keys.PublicKey[] {
    return keys.readKeySet(this.#folder.read(FILES.keySet));
  }

  #uri({ kind, id }: Subject): string {
    return identityUri({ fleet: this.#root.fleet, kind, id });
  }

  #nowS(): number {
    return Math.floor(this.#now() / 1000);
  }
}
