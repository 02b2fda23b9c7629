// What is set about a server, alike for every process that has one.
import { isHost } from "../hosts.ts";
import { isIP } from "../ip.ts";
import { list, whole } from "../kinds.ts";

/** By variable. `perAddressMax`: connections from one address, unless it is said. */
export function serverSettings({ perAddressMax }: { perAddressMax: number }) {
  return {
    SLIPSTREAM_PER_ADDRESS_MAX: whole({
      ...{ fallback: perAddressMax, max: 1_000_000 },
      about: "connections from one address",
    }),
    SLIPSTREAM_SHARED_ADDRESSES: list({
      fallback: ["127.0.0.1", "::1"],
      about: "addresses without that limit, as a load balancer's",
      fits: (address) => isIP(address) !== 0,
      must: "be IP addresses, with commas between",
    }),
    SLIPSTREAM_HOSTS: list({
      fallback: [],
      shown: "none",
      about: "names besides those of loopback by which it may be asked, with commas between",
      fits: (host) => isHost(host.toLowerCase()),
      must: "be names such as ops.example.com, without ports, with commas between",
    }),
  };
}
