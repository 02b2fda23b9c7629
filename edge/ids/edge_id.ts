// Ids of edges: what a setting may say, and what a node's edges have behind it.
import { type Kind, text } from "../../platform/kinds.ts";
import { SHARED_ID_MARK } from "../../proto/words.ts";

/** An aggregator takes 64; a node may add a mark and two digits. */
const CHARACTERS_MAX = 61;
const PARTS = new RegExp(`^[\\w.-]+(${SHARED_ID_MARK}[\\w.-]+)*$`);
const OF_A_NODE = new RegExp(`${SHARED_ID_MARK}\\d+$`);

/** An edge's own name, or one behind that of a proof which it shares with others, such as `edge-1~pod-7`. */
export function edgeIdSetting({ fallback, about }: Pick<Kind<string>, "fallback" | "about">): Kind<string> {
  const fits = (id: string) => id.length <= CHARACTERS_MAX && PARTS.test(id) && !OF_A_NODE.test(id);
  const must = `be 1 to ${CHARACTERS_MAX} letters, digits, dots, dashes, with ${SHARED_ID_MARK} between parts; ` +
    `${SHARED_ID_MARK} and a number at the end is of a node's edges`;
  return text({ fallback, about, placeholder: "NAME", fits, must });
}

/** The id of an edge of a node: `edge-1~2` is the second of `edge-1`. No setting can end so. */
export function memberId(edgeId: string, number: number): string {
  return `${edgeId}${SHARED_ID_MARK}${number}`;
}

/** Whether a node of that id has given it, or goes by it itself. */
export function isOfNode(id: string, edgeId: string): boolean {
  return id.replace(OF_A_NODE, "") === edgeId;
}
