// Declared formations by number, for the rows of tracks: names are compared once, when a drone joins.

/** Drones that belong to nobody's formation. */
export const NO_FORMATION = "";

/** Aircraft that are nobody's here are one, which no drone can declare: nobody looks for conflicts among them. */
export const TRAFFIC_FORMATION = "traffic";

export interface SavedFormations {
  formations: [name: string, number: number, tracks: number][];
  lastNumber: number;
}

interface Formation {
  readonly name: string;
  readonly number: number;
  tracks: number;
}

/** Those that a track is in; numbers begin with 1. */
export class Formations {
  readonly #byName = new Map<string, Formation>();
  readonly #byNumber = new Map<number, Formation>();
  #lastNumber = 0;

  save(): SavedFormations {
    const formations = Array.from(this.#byName.values(), ({ name, number, tracks }): [string, number, number] => {
      return [name, number, tracks];
    });
    return { formations, lastNumber: this.#lastNumber };
  }

  restore({ formations, lastNumber }: SavedFormations): void {
    for (const [name, number, tracks] of formations) this.#add({ name, number, tracks });
    this.#lastNumber = lastNumber;
  }

  /** NO_FORMATION for 0. */
  nameOf(number: number): string {
    return this.#byNumber.get(number)?.name ?? NO_FORMATION;
  }

  /** One more track is in it; its number. */
  join(name: string): number {
    if (name === NO_FORMATION) return 0;
    const formation = this.#byName.get(name) ?? this.#add({ name, number: ++this.#lastNumber, tracks: 0 });
    formation.tracks++;
    return formation.number;
  }

  /** One track less is in it. */
  leave(number: number): void {
    const formation = this.#byNumber.get(number);
    if (!formation || --formation.tracks > 0) return;
    this.#byName.delete(formation.name);
    this.#byNumber.delete(number);
  }

  #add(formation: Formation): Formation {
    this.#byName.set(formation.name, formation);
    this.#byNumber.set(formation.number, formation);
    return formation;
  }
}
