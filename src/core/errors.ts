/** Exit codes of the command line (contract). */
export const exitCode = { ok: 0, no: 1, usage: 2, hardware: 69, config: 78 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Every error a person may meet: the code is stable, the text says what happened, the hint how to mend it. */
export const errorCodes = {
  LINTEL_E_USAGE: { exit: exitCode.usage, retry: false },
  LINTEL_E_UNREADABLE: { exit: exitCode.usage, retry: false },
  LINTEL_E_CONFIG: { exit: exitCode.config, retry: false },
  LINTEL_E_KEY_MISSING: { exit: exitCode.config, retry: false },
  LINTEL_E_DATABASE_NEWER: { exit: exitCode.config, retry: false },
  LINTEL_E_STATE_IN_USE: { exit: exitCode.config, retry: false },
  LINTEL_E_HARDWARE: { exit: exitCode.hardware, retry: true },
  LINTEL_E_CAMERA_LOST: { exit: exitCode.hardware, retry: true },
  LINTEL_E_CAMERA_FROZEN: { exit: exitCode.hardware, retry: true },
  LINTEL_E_CAMERA_REFUSED: { exit: exitCode.hardware, retry: true },
  LINTEL_E_GPIO: { exit: exitCode.hardware, retry: true },
  LINTEL_E_MODEL: { exit: exitCode.hardware, retry: false },
  LINTEL_E_MODEL_UNSUPPORTED: { exit: exitCode.hardware, retry: false },
  LINTEL_E_REQUEST: { exit: exitCode.usage, retry: false },
  LINTEL_E_NOT_FOUND: { exit: exitCode.no, retry: false },
  LINTEL_E_CONFLICT: { exit: exitCode.no, retry: false },
  LINTEL_E_STORAGE: { exit: exitCode.hardware, retry: true },
  LINTEL_E_CHILD: { exit: exitCode.hardware, retry: true },
  LINTEL_E_PAINTING: { exit: exitCode.no, retry: false },
  LINTEL_E_UNAVAILABLE: { exit: exitCode.hardware, retry: true },
} as const;
export type ErrorCode = keyof typeof errorCodes;

export class LintelError extends Error {
  readonly code: ErrorCode;
  /** One sentence: what the reader can do about it. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "LintelError";
    this.code = code;
    this.hint = options.hint;
  }

  get exit(): ExitCode {
    return errorCodes[this.code].exit;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retry;
  }
}

/** The text of anything thrown, in one line. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}
