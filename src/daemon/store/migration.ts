/** One step of the schema. */
export interface Migration {
  /** One line for the log. */
  readonly name: string;
  readonly sql: string;
}
