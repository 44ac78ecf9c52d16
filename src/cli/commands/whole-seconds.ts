import { InvalidArgumentError } from "commander";

/** For options: a whole number of seconds. */
export function wholeSeconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number of seconds is needed.");
}
