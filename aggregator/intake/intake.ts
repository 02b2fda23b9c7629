// Where edges connect: WebSocket /v1/uplink, subprotocol slipstream.uplink.v1. Keeps the open connections, one for each edge, and
// tells all of them which drones have open alerts.
import { ANYONE, type Identity } from "../../identity/identity.ts";
import type { EdgeHello } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { isHandshake, type Upgrade } from "../../platform/server/server.ts";
import { refusalOfVersions, UPLINK_PROTOCOL } from "../../proto/versions.ts";
import { CloseCode, UPLINK_SUBPROTOCOL } from "../../proto/words.ts";
import { EdgeConnection, type EdgeConnectionParts } from "./edge_connection.ts";
import type { CreditView } from "./credit.ts";
import { encodeAlertChanges, encodeCredit } from "./downlink.ts";
import type { HelloRefusal } from "./hello.ts";

/** What an intake needs besides what its connections do. */
export interface IntakeParts extends Omit<EdgeConnectionParts, "refuses"> {
  /** An edge ended its connection in order. */
  onLeft: (edgeId: string) => void;
  /** An edge was refused because another one goes by its id; null: it is alone again. */
  onTwins: (edgeId: string, refusal: string | null) => void;
  /** An edge was refused because its version and ours do not work together; null: they do. */
  onApart: (edgeId: string, refusal: string | null) => void;
}

/** An edge tells how it is each second: one that has said nothing for so long is not there. */
export const SILENT_MS_MAX = 3000;

/** Limits of the intake. */
export interface IntakeSettings {
  connectionsMax: number;
}

/** Why a request did not become a connection, with the HTTP status that says so. */
export interface Refusal {
  status: 400 | 403 | 405 | 426 | 503;
  error: string;
}

/** The open connections of edges. */
export class Intake {
  readonly #settings: IntakeSettings;
  readonly #parts: EdgeConnectionParts;
  readonly #onTwins: IntakeParts["onTwins"];
  readonly #onApart: IntakeParts["onApart"];
  readonly #onLeft: IntakeParts["onLeft"];
  readonly #connections = new Set<EdgeConnection>();
  #stopping = false;
  #whenEmpty: () => void = () => {};

  constructor(settings: IntakeSettings, { onTwins, onApart, onLeft, ...parts }: IntakeParts) {
    this.#settings = settings;
    this.#parts = { ...parts, refuses: (hello) => this.#refuses(hello) };
    this.#onTwins = onTwins;
    this.#onApart = onApart;
    this.#onLeft = onLeft;
  }

  /** The connection of an edge, after its hello. */
  connectionOf(edgeId: string): EdgeConnection | undefined {
    return [...this.#connections].findLast((of) => of.ready && of.edgeId === edgeId);
  }

  /** Takes the socket over that `upgrade` makes; the response must be returned to the server as it is. */
  upgrade(
    { method, headers }: Request,
    { upgrade, identity }: { upgrade: Upgrade | undefined; identity: Identity },
  ): Response | Refusal {
    if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return { status: 426, error: "Cannot take batches over plain HTTP: connect with a WebSocket" };
    }
    // A HEAD comes here as well; what answers it has no socket.
    if (method !== "GET") return { status: 405, error: "Cannot upgrade: ask with GET" };
    const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
    if (!offered.includes(UPLINK_SUBPROTOCOL)) {
      return { status: 400, error: `Cannot choose a subprotocol: offer ${UPLINK_SUBPROTOCOL}` };
    }
    // Edges send no Origin, browsers always do: without identities a page of somebody else must not feed the fleet.
    if (headers.has("origin")) return { status: 403, error: "Cannot take batches from a browser" };
    if (this.#stopping) return { status: 503, error: "Cannot connect: the aggregator is stopping" };
    if (this.#connections.size >= this.#settings.connectionsMax) {
      return { status: 503, error: `Cannot connect: ${this.#connections.size} edges are connected already` };
    }
    if (!upgrade || !isHandshake(headers)) {
      return { status: 400, error: "Cannot upgrade: this is no handshake of WebSocket version 13" };
    }
    return upgrade({ protocol: UPLINK_SUBPROTOCOL, accept: (socket) => this.accept(socket, identity) });
  }

  /** Tells every edge that drones got their first open alert, or lost their last. */
  alertsChanged(changes: { droneId: string; open: boolean }[]): void {
    const bytes = encodeAlertChanges(changes);
    for (const connection of this.#connections) if (connection.ready) connection.send(bytes);
  }

  /** Edges that are connected and have said hello. */
  edgeIds(): string[] {
    return [...this.#connections].flatMap(({ ready, edgeId }) => ready && edgeId !== null ? [edgeId] : []);
  }

  /** Sends to one edge, if it is connected. */
  send(edgeId: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.connectionOf(edgeId)?.send(bytes);
  }

  /** Tells every edge what it may have in flight. */
  creditChanged(credit: CreditView): void {
    const bytes = encodeCredit(credit);
    for (const connection of this.#connections) if (connection.ready) connection.send(bytes);
  }

  /** What edges were told is taken can be journalled now: asks them for it. */
  resend(): void {
    for (const connection of this.#connections) if (connection.ready) connection.resend();
  }

  /** Refuses new connections and closes those there are; resolves when the last has closed. */
  stop(): Promise<void> {
    this.#stopping = true;
    const empty = new Promise<void>((resolve) => this.#whenEmpty = resolve);
    for (const connection of this.#connections) connection.close(CloseCode.goingAway, "The aggregator is stopping");
    if (this.#connections.size === 0) this.#whenEmpty();
    return empty;
  }

  /** Takes over an edge's socket, as after an upgrade. */
  accept(socket: WebSocket, identity: Identity = ANYONE): void {
    socket.binaryType = "arraybuffer";
    const connection = new EdgeConnection(socket, { ...this.#parts, identity });
    this.#connections.add(connection);
    socket.onmessage = ({ data }) => connection.receive(data);
    // An error is always followed by close, and close can fire twice.
    socket.onclose = ({ code }) => {
      if (!this.#connections.delete(connection)) return;
      const { edgeId } = connection;
      connection.ended(code);
      if (edgeId !== null && connection.saidGoodBye) this.#onLeft(edgeId);
      if (this.#connections.size === 0) this.#whenEmpty();
    };
  }

  #refuses(hello: EdgeHello): HelloRefusal | null {
    const apart = refusalOfVersions({ edge: hello.protocol, aggregator: UPLINK_PROTOCOL });
    this.#onApart(hello.edgeId, apart);
    if (apart !== null) return { code: CloseCode.versionsApart, why: apart };
    const twin = this.#refusesTwin(hello);
    return twin === null ? null : { code: CloseCode.policyViolation, why: twin };
  }

  // A process that starts anew comes again by another session, often before the end of the old one's connection was noticed;
  // two that go by one id are both there.
  #refusesTwin({ edgeId, session }: EdgeHello): string | null {
    const known = this.connectionOf(edgeId);
    if (!known) {
      this.#onTwins(edgeId, null);
      return null;
    }
    if (known.session !== session && known.silentMs < SILENT_MS_MAX) {
      const refusal = `Cannot connect as ${edgeId}: another edge goes by this id; set SLIPSTREAM_EDGE_ID`;
      this.#onTwins(edgeId, refusal);
      return refusal;
    }
    known.close(CloseCode.policyViolation, `${edgeId} has connected anew`);
    return null;
  }
}
