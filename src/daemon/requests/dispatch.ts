import type { Clock } from "../../core/clock.ts";
import { type ErrorCode, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { RequestContext, RequestOrigin } from "../api.ts";
import { RequestRates } from "../keys/request-rates.ts";
import { permits } from "../keys/roles.ts";
import { isRestricted, maxPayloadBytes, oneLine, type RequestHandler } from "./handler.ts";
import { checkTransaction, type ParsedPayload, parsePayload } from "./payload.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { findRequest } from "./table.ts";

/** A request as it came off the wire: its bytes, or a document that a JSON transport has parsed already. */
export interface IncomingRequest {
  readonly name: string;
  readonly body: { readonly bytes: Uint8Array } | { readonly data: unknown; readonly transaction: unknown };
  readonly origin: RequestOrigin;
  /** Whether door, people and restart requests are served to this origin. */
  readonly isTrusted: boolean;
  /** Monotonic time after which the request must not be carried out any more. */
  readonly expiresAtMs?: number | undefined;
  /** How large a document was that is given as `data`. */
  readonly sizeBytes?: number | undefined;
  /** Told what happens before the answer, by requests that take their time. */
  readonly onProgress?: ((progress: RequestAnswer) => void) | undefined;
}

/** The answer, as every transport sends it. `data` is `{}` on error; `code` never leaves the machine. */
export interface RequestAnswer {
  readonly data: unknown;
  readonly status: "ok" | "error";
  readonly error?: string;
  readonly code?: ErrorCode;
  /** Not the answer yet, which follows. */
  readonly progress?: true;
  readonly transaction?: string | number;
}

/** What all requests share. */
export type DispatchContext = Omit<RequestContext, "origin" | "progress">;

/** Photographs waiting their turn may take this much memory; beyond it the requester is told to come back. */
const maxWaitingBytes = 64 * 1024 * 1024;
const maxWaiting = 1000;

/** Validates and runs requests. Changes to people run one after the other; everything else at once. */
export class Dispatcher {
  readonly #context: DispatchContext;
  readonly #refusals: RefusalLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #rates = new RequestRates();
  #lastChange: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #waitingBytes = 0;

  constructor(options: {
    context: DispatchContext;
    refusals: RefusalLog;
    clock: Clock;
    logger: Logger;
  }) {
    this.#context = options.context;
    this.#refusals = options.refusals;
    this.#clock = options.clock;
    this.#log = options.logger;
  }

  /** Never rejects: whatever goes wrong is an answer with status `error`. */
  async dispatch(request: IncomingRequest): Promise<RequestAnswer> {
    let transaction: string | number | undefined;
    try {
      const { handler, id } = this.#admit(request);
      const parsed = parseBody(handler, id, request);
      transaction = parsed.transaction;
      const marked = transaction === undefined ? {} : { transaction };
      this.#refuseTooMany(handler, parsed.data, request);
      const data = await this.#inTurn(handler, request, () => {
        this.#refuseExpired(request);
        return handler.run(parsed.data, {
          ...this.#context,
          origin: request.origin,
          progress: (data) => request.onProgress?.({ data, status: "ok", progress: true, ...marked }),
        });
      });
      return { data: data ?? {}, status: "ok", ...marked };
    } catch (error) {
      transaction ??= transactionOf(request);
      return { ...this.#failure(request, error), ...(transaction === undefined ? {} : { transaction }) };
    }
  }

  /** Resolves when the people changes accepted so far are done. */
  async idle(): Promise<void> {
    await this.#lastChange;
  }

  // --- internal ---

  #admit(request: IncomingRequest) {
    if (isRestricted(request.name) && !request.isTrusted) {
      throw new LintelError("LINTEL_E_REQUEST", `${request.name} is not served over this connection`, {
        hint: "use mqtts:// with credentials, or the machine itself",
      });
    }
    const found = findRequest(request.name);
    if (found) authorise(found.handler, request.origin);
    if (!found) throw new LintelError("LINTEL_E_REQUEST", `there is no request ${oneLine(request.name, 80)}`);
    if (sizeOf(request) > found.handler.maxBytes) {
      const limit = Math.min(found.handler.maxBytes, maxPayloadBytes);
      throw new LintelError("LINTEL_E_REQUEST", `the payload is larger than ${limit} bytes`);
    }
    this.#refuseExpired(request);
    return found;
  }

  #refuseTooMany({ name }: RequestHandler, data: unknown, { origin }: IncomingRequest): void {
    if (this.#rates.passes(origin, { name, data }, this.#clock.nowMs())) return;
    throw new LintelError("LINTEL_E_UNAVAILABLE", "too many requests", { hint: "send fewer a second" });
  }

  #refuseExpired(request: IncomingRequest): void {
    if (request.expiresAtMs !== undefined && this.#clock.nowMs() >= request.expiresAtMs) {
      throw new LintelError("LINTEL_E_REQUEST", "the request has expired");
    }
  }

  /** Runs at once, or, for a change to people, behind the changes before it. */
  async #inTurn(handler: RequestHandler, request: IncomingRequest, run: () => Promise<unknown>): Promise<unknown> {
    const bytes = sizeOf(request);
    if (this.#waiting >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) {
      throw new LintelError("LINTEL_E_UNAVAILABLE", "too many requests are waiting", {
        hint: "send the next one after the answer to the last",
      });
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    try {
      const isInTurn = handler.name.startsWith("people/") && handler.effect === "changes" && !handler.takesMinutes;
      if (!isInTurn) return await run();
      const turn = this.#lastChange.then(run);
      this.#lastChange = turn.catch(() => undefined);
      return await turn;
    } finally {
      this.#waiting -= 1;
      this.#waitingBytes -= bytes;
    }
  }

  #failure(request: IncomingRequest, error: unknown): RequestAnswer {
    if (error instanceof LintelError) {
      const text = oneLine(error.hint === undefined ? error.message : `${error.message} (${error.hint})`, 400);
      this.#refusals.add({ request: request.name, reason: error.message, origin: request.origin });
      return { data: {}, status: "error", error: text, code: error.code };
    }
    this.#log.error({ request: oneLine(request.name, 100), err: error }, "request failed");
    return { data: {}, status: "error", error: "internal error" };
  }
}

// --- internal ---

/** What this origin may ask: on this machine everything; over MQTT nothing local, and with a key what its roles permit. */
function authorise(handler: RequestHandler, origin: RequestOrigin): void {
  if (origin.transport === "control-socket") return;
  if (handler.isLocal) {
    throw new LintelError("LINTEL_E_REQUEST", `${handler.name} is served on the machine itself only`, {
      hint: "use the lintel command there",
    });
  }
  if (origin.roles !== undefined && !permits(origin.roles, handler.name)) {
    throw new LintelError("LINTEL_E_REQUEST", `${handler.name} is beyond the roles of this key`, {
      hint: "lintel keys list shows them",
    });
  }
}

function sizeOf(request: IncomingRequest): number {
  return "bytes" in request.body ? request.body.bytes.length : (request.sizeBytes ?? 0);
}

function parseBody(handler: RequestHandler, id: string | undefined, request: IncomingRequest): ParsedPayload {
  const { body } = request;
  if (handler.payload === "bytes") {
    if (!("bytes" in body)) {
      throw new LintelError("LINTEL_E_REQUEST", `${handler.name} takes the bytes of a picture`, {
        hint: "use people/add",
      });
    }
    return { data: { id, photo: body.bytes }, transaction: undefined };
  }
  if ("bytes" in body) return parsePayload(body.bytes);
  return { data: body.data ?? {}, transaction: checkTransaction(body.transaction) };
}

/** The transaction of a request that was refused before or while it was parsed; undefined when it has none. */
function transactionOf({ body }: IncomingRequest): string | number | undefined {
  try {
    if ("bytes" in body) return body.bytes.length <= 4096 ? parsePayload(body.bytes).transaction : undefined;
    return checkTransaction(body.transaction);
  } catch {
    return undefined;
  }
}
