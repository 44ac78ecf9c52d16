/** How one other door of the fleet stands. Times are ISO 8601. */
export interface FleetDoorStatus {
  readonly door: string;
  /** Whether what it signs changes who is known. */
  readonly writes: boolean;
  /** When it last said something; null: never. */
  readonly saidAt: string | null;
  /** `in-step`: it knows what we know; `behind`: what we knew before; `other`: something that we do not; `silent`: it never spoke. */
  readonly standing: "in-step" | "behind" | "other" | "silent";
  /** People it knows of. */
  readonly people: number | null;
  /** Removals that it has not confirmed. */
  readonly unconfirmed: number;
}

/** A removal and the doors that have not confirmed it. `topic` stands for the person, whose id is forgotten. */
export interface FleetRemoval {
  readonly topic: string;
  readonly by: string;
  readonly waitingFor: readonly string[];
}

export interface FleetSummary {
  readonly site: string;
  /** `caught-up`, or what keeps this door from taking in anybody new. */
  readonly state:
    | "no-roster"
    | "no-member"
    | "not-connected"
    | "settling"
    | "no-manifest"
    | "behind"
    | "manifest-too-old"
    | "clock-unset"
    | "caught-up";
  /** False: the list is too old to be believed, nobody is let in. */
  readonly isListTrusted: boolean;
  /** Version of the roster; 0: none yet. */
  readonly roster: number;
  /** People of the whole site, whether this door takes them or not. */
  readonly people: number;
  readonly removed: number;
  /** Root hash over everything known, hexadecimal. */
  readonly root: string;
  /** When this door last knew that it had everything, ISO 8601. */
  readonly provenAt: string | null;
  /** Records that the broker does not have yet. */
  readonly notAtBroker: number;
  /** Messages that were not taken, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface FleetStatus extends FleetSummary {
  readonly door: string;
  /** People that wait until this door has caught up. */
  readonly waiting: number;
  readonly doors: readonly FleetDoorStatus[];
  readonly removals: readonly FleetRemoval[];
}

/** Doors that know the same people. */
export interface Fleet {
  readonly summary: FleetSummary;
  status(): Promise<FleetStatus>;
  /** Takes up the owner's newest roster and gives it to the other doors. Throws `LINTEL_E_REQUEST` for one that does not count. */
  adoptRoster(jws: string): Promise<{ version: number; doors: readonly string[]; isMember: boolean }>;
}
