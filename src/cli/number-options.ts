import { InvalidArgumentError } from "commander";

/** Reads the value of an option that counts: digits only, within bounds. Anything else is an error of usage that names the bounds. */
export function wholeNumber({ from = 0, to = Number.MAX_SAFE_INTEGER } = {}): (text: string) => number {
  const bounds = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number ${bounds}.`);
  };
}

/** Reads the value of an option that measures: a number above 0, at most `to`. */
export function positiveNumber({ to = Number.MAX_VALUE } = {}): (text: string) => number {
  const bounds = to === Number.MAX_VALUE ? "above 0" : `above 0, up to ${to}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value > 0 && value <= to) return value;
    throw new InvalidArgumentError(`It must be a number ${bounds}.`);
  };
}
