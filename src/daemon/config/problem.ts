/** One thing wrong with a configuration: where, what, and how to mend it. */
export interface ConfigProblem {
  /** Dotted path of the key, empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}
