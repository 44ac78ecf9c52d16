/** What the door has adapted to of one person, beside what was enrolled. Days as `2031-05-04`. */
export interface PersonAdaptation {
  readonly person: string;
  readonly templates: readonly { readonly template: number; readonly since: string; readonly adaptedOn: string }[];
  /** Looks that wait to be confirmed; they are compared with nobody. */
  readonly candidates: readonly {
    readonly template: number;
    readonly since: string;
    /** Later days on which the same look came, of so many that are needed. */
    readonly confirmed: number;
    readonly needed: number;
  }[];
}

export interface Adaptation {
  /** One person, or everybody of whom there is something. Throws `LINTEL_E_NOT_FOUND`. */
  list(id: string | undefined): readonly PersonAdaptation[];
  /** Forgets all that was adapted or waits of a person; how many templates that were. Throws `LINTEL_E_NOT_FOUND`. */
  drop(id: string, by: string): number;
}
