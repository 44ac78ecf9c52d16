import { type ExitCode, errorText, exitCode, LintelError } from "../core/errors.ts";

/** One line for a person and the exit code of the contract. Anything that is no LintelError is a bug of ours and says so. */
export function describeFailure(error: unknown): { line: string; exit: ExitCode } {
  if (error instanceof LintelError) {
    const hint = error.hint === undefined ? "" : ` - ${error.hint}`;
    return { line: `${errorText(error)}${hint}`, exit: error.exit };
  }
  const stack = error instanceof Error && process.env.LINTEL_DEBUG ? `\n${error.stack ?? ""}` : "";
  return { line: `unexpected: ${errorText(error)} (LINTEL_DEBUG=1 shows where)${stack}`, exit: exitCode.usage };
}
