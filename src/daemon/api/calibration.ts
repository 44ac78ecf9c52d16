/** What a calibration of the threshold found. Rates are fractions. */
export interface CalibrationReport {
  readonly threshold: number;
  /** The threshold that held before. */
  readonly before: number;
  /** Accepted probability that a stranger's walk-up is taken for somebody. */
  readonly targetFpir: number;
  readonly people: number;
  readonly templates: number;
  readonly strangersPerDay: number;
  readonly expectedFalseAcceptsPerYear: number;
  /** Part of single looks at enrolled people that are refused; a walk-up has several. */
  readonly expectedRefusals: number;
  /** Pairs of people of the gallery behind it; 0: only the shipped statistics. */
  readonly n: number;
  readonly basis: "site" | "shipped";
  /** What the shipped statistics alone would give. */
  readonly fromShipped: number;
  /** What the gallery alone would give, and its 90 % interval; null when it is too small to say. */
  readonly fromSite: number | null;
  readonly siteInterval: readonly [low: number, high: number] | null;
  /** People with a stricter threshold of their own, because somebody in the gallery looks like them. */
  readonly lookAlikes: readonly {
    readonly person: string;
    readonly threshold: number;
    readonly nearest: { readonly person: string; readonly distance: number };
  }[];
  /** Pairs of people so near that they look like one person under two names. */
  readonly sameFace: readonly { readonly people: readonly [string, string]; readonly distance: number }[];
}

/** What is known about how surely one person is recognised. */
export interface PersonCheck {
  readonly person: string;
  readonly templates: number;
  readonly sureness: "sure" | "fair" | "unsure" | "unknown";
  /** The person's own threshold. */
  readonly threshold: number;
  /** Median distance of a picture of the person to the nearest other one; null with a single picture. */
  readonly ownDistance: number | null;
  /**
   * Medians of the newest month with enough entries: distance to the best enrolled picture, and how much nearer that was than anybody
   * else's; null before there is one.
   */
  readonly atDoor: {
    readonly month: string;
    readonly entries: number;
    readonly distance: number;
    readonly margin: number | null;
  } | null;
  readonly nearest: { readonly person: string; readonly distance: number } | null;
  readonly retake: readonly { readonly template: number; readonly createdAt: string; readonly reason: string }[];
  /**
   * How the distance at which the person is let in has risen, month by month; null where nothing can be told from chance or nothing
   * comes of it within a year.
   */
  readonly drift: {
    /** On the fitted line in the first and the last month. */
    readonly early: number;
    readonly recent: number;
    /** The first and the last month, as `2031-05`. */
    readonly since: string;
    readonly until: string;
    readonly months: number;
    readonly entries: number;
    readonly perMonth: number;
    /** Of `perMonth`, 95 %. */
    readonly interval: readonly [low: number, high: number];
    /** From when at this rate every fourth look is refused, as `2031-09`. */
    readonly refusedFrom: string;
  } | null;
  readonly isReEnrolmentAdvised: boolean;
  /** Sentences for people, the most important first. */
  readonly advice: readonly string[];
}

export interface Calibration {
  /** Finds the threshold for the gallery as it is, and uses it from then on. */
  calibrate(options: { readonly strangersPerDay?: number | undefined }, by: string): Promise<CalibrationReport>;
  /** One person, or everybody. Throws `LINTEL_E_NOT_FOUND`. */
  check(id: string | undefined): Promise<readonly PersonCheck[]>;
}
