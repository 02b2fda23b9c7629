// What people do to a running aggregator, and by starting it: settings they change, alerts they acknowledge. Each of it is an
// audit record.
import type { Alerts } from "../alerts/alerts.ts";
import { acknowledgement } from "../audit/acknowledgement.ts";
import { AuditChain, type AuditHead } from "../audit/chain.ts";
import { Environment, type EnvironmentValues } from "../audit/environment.ts";
import type { Deed } from "../audit/record.ts";
import type { Output } from "../outputs.ts";
import type { SettingValues, Tuning } from "./tuning.ts";

/** Times are ingestion times, in Unix µs. */
export class Operating {
  readonly #tuning: Tuning;
  readonly #alerts: Alerts;
  readonly #environment = new Environment();
  readonly #audit = new AuditChain();

  constructor({ tuning, alerts }: { tuning: Tuning; alerts: Alerts }) {
    this.#tuning = tuning;
    this.#alerts = alerts;
  }

  /** What of it is saved. */
  get kept(): { settings: Tuning; environment: Pick<Environment, "save" | "restore">; audit: AuditChain } {
    const environment = this.#environment;
    const restore = (values: EnvironmentValues) => {
      environment.restore(values);
      this.#tuning.started(values);
    };
    return { settings: this.#tuning, environment: { save: () => environment.save(), restore }, audit: this.#audit };
  }

  /** Settings that may be changed, as they are. */
  get settings(): SettingValues {
    return this.#tuning.values();
  }

  /** With which settings of its environment the aggregator was started last. */
  get environment(): EnvironmentValues {
    return this.#environment.values;
  }

  /** The last audit record. */
  get auditHead(): AuditHead {
    return this.#audit.head;
  }

  /** See Tuning.change. */
  configure({ by, values, nowUs }: { by: string; values: SettingValues; nowUs: number }): Output[] {
    const changes = this.#tuning.change(values);
    if (changes.length === 0) return [];
    const deeds = changes.map(({ name, before, after }): Deed => {
      return { who: by, what: "change setting", subject: name, before: `${before}`, after: `${after}` };
    });
    return [{ type: "configuration", configuration: { by, atUs: nowUs, changes } }, ...this.#record(deeds, nowUs)];
  }

  /** `found`: such an alert is open. */
  acknowledge(seen: { alertId: number; by: string; nowUs: number }): { found: boolean; outputs: Output[] } {
    const outputs: Output[] = [];
    const found = this.#alerts.acknowledge(seen, outputs);
    // Nothing changes for whoever comes second.
    if (outputs.length > 0) outputs.push(...this.#record([acknowledgement(seen)], seen.nowUs));
    return { found, outputs };
  }

  /** The aggregator was started with these settings of its environment. */
  started({ values, nowUs }: { values: EnvironmentValues; nowUs: number }): Output[] {
    this.#tuning.started(values);
    return this.#record(this.#environment.started(values), nowUs);
  }

  /** Something was done that changes nothing here. */
  record({ deed, nowUs }: { deed: Deed; nowUs: number }): Output[] {
    return this.#record([deed], nowUs);
  }

  #record(deeds: Deed[], nowUs: number): Output[] {
    return deeds.map((deed) => ({ type: "audit", record: this.#audit.record(deed, nowUs) }));
  }
}
