// Which versions work together. A number stands in each hello; where none does it is that of the last release without.
// It goes up by one with a release that means something by its messages which the release before does not understand: what is
// only added, and may be ignored, leaves it as it is.

/** What edge and aggregator of this release say to each other. */
export const UPLINK_PROTOCOL = 2;
/** What an edge of this release says to drones, whose own software may be of any age. */
export const TELEMETRY_PROTOCOL = 2;

const UNNUMBERED = 1;

/** Why edge and aggregator that speak these do not work together, as only neighbours do; null: they do. */
export function refusalOfVersions(spoken: { edge: number; aggregator: number }): string | null {
  const [edge, aggregator] = [spoken.edge || UNNUMBERED, spoken.aggregator || UNNUMBERED];
  if (Math.abs(edge - aggregator) <= 1) return null;
  const older = edge < aggregator ? "edge" : "aggregator";
  return `Cannot work together: the edge speaks version ${edge} of the uplink, the aggregator ${aggregator}; upgrade the ${older}`;
}
