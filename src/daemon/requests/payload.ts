import { LintelError } from "../../core/errors.ts";
import { oneLine } from "./handler.ts";

/** A request's data apart from what the answer repeats. */
export interface ParsedPayload {
  readonly data: unknown;
  readonly transaction: string | number | undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the JSON text of a request: an object, in which `transaction` belongs to the envelope and the rest is the data.
 * Nothing at all means `{}`. Throws LINTEL_E_REQUEST for anything else.
 */
export function parsePayload(bytes: Uint8Array): ParsedPayload {
  let text: string;
  try {
    text = decoder.decode(bytes).trim();
  } catch {
    throw new LintelError("LINTEL_E_REQUEST", "the payload is not UTF-8 text");
  }
  if (text === "") return { data: {}, transaction: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LintelError("LINTEL_E_REQUEST", "the payload is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LintelError("LINTEL_E_REQUEST", "the payload is not a JSON object");
  }
  const { transaction, ...data } = value as { transaction?: unknown };
  return { data, transaction: checkTransaction(transaction) };
}

/** A text of up to 200 characters or a number; anything else is refused rather than sent back. */
export function checkTransaction(value: unknown): string | number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.length <= 200) return value;
  throw new LintelError(
    "LINTEL_E_REQUEST",
    oneLine("transaction: must be a number or a text of at most 200 characters"),
  );
}
