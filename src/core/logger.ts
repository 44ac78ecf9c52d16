/**
 * The part of pino's logger that the rooms use. A logger is passed in with its component bound
 * (`log.child({ component })`); the message is a fixed short phrase, everything that varies is a field.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: { component: string }): Logger;
}

/** Says nothing: for tests and for commands that print their own result. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
