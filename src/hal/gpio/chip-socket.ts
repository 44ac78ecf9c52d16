import { connect, type Socket } from "node:net";
import { LintelError } from "../../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../../core/json-lines.ts";
import type { Timers } from "../../core/timers.ts";
import {
  type ChipAnswer,
  type ChipMessage,
  type ChipRequest,
  chipMessage,
  maxChipLineBytes,
} from "./simulated-protocol.ts";

/** A request without its id; the socket numbers them. */
export type ChipAsk = ChipRequest extends infer Request
  ? Request extends { id: number }
    ? Omit<Request, "id">
    : never
  : never;

export interface ChipSocketEvents {
  /** Anything that answers no request. */
  onNews(message: Exclude<ChipMessage, ChipAnswer>): void;
  /** The connection ended, failed or fell silent; pending requests are rejected first. Not called after `close`. */
  onLost(reason: string): void;
}

export interface ChipSocket {
  /** Sends one request and waits for its answer. Rejects with `LINTEL_E_GPIO` on an error, a loss or silence. */
  ask(request: ChipAsk): Promise<ChipAnswer>;
  /** Ends the connection; the chip takes the lines back. Resolves once the socket is closed. */
  close(): Promise<void>;
}

/** A chip that does not answer within this time is lost; dropping the connection makes it release the lines. */
const answerDeadlineMs = 1000;

interface Pending {
  readonly resolve: (answer: ChipAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly stopWaiting: () => void;
}

/** Connects to a simulated chip. Rejects with `LINTEL_E_GPIO` when nobody listens. */
export async function connectChip(socketPath: string, events: ChipSocketEvents, timers: Timers): Promise<ChipSocket> {
  const socket = await openSocket(socketPath);
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isClosed = false;

  const lose = (reason: string) => {
    if (isClosed) return;
    isClosed = true;
    socket.destroy();
    rejectAll(pending, reason);
    events.onLost(reason);
  };
  const receive = (raw: unknown) => {
    const parsed = chipMessage.safeParse(raw);
    if (!parsed.success) return lose("the chip speaks an unknown language");
    const message = parsed.data;
    if (!("id" in message)) return events.onNews(message);
    const asked = pending.get(message.id);
    if (!asked) return;
    pending.delete(message.id);
    asked.stopWaiting();
    if (message.type === "error") asked.reject(new LintelError("LINTEL_E_GPIO", `the chip refused: ${message.reason}`));
    else asked.resolve(message);
  };
  readJsonLines(socket, maxChipLineBytes, {
    onMessage: receive,
    onBadLine: () => lose("the chip speaks an unknown language"),
    onClose: () => lose("the connection to the chip ended"),
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new LintelError("LINTEL_E_GPIO", "the connection to the chip is closed"));
        const id = nextId++;
        const stopWaiting = timers.after(answerDeadlineMs, () => lose("the chip does not answer"));
        pending.set(id, { resolve, reject, stopWaiting });
        writeJsonLine(socket, { ...request, id });
      }),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      rejectAll(pending, "closed");
      const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.destroy();
      await ended;
    },
  };
}

// --- internal ---

function rejectAll(pending: Map<number, Pending>, reason: string): void {
  for (const { reject, stopWaiting } of pending.values()) {
    stopWaiting();
    reject(new LintelError("LINTEL_E_GPIO", `the chip was lost: ${reason}`));
  }
  pending.clear();
}

function openSocket(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(socket);
    });
    const fail = (cause: Error) =>
      reject(
        new LintelError("LINTEL_E_GPIO", `no simulated GPIO chip listens on ${socketPath}`, {
          hint: "start it first (node dist/simulation/gpio-chip-main.js) or correct gpio.socketPath",
          cause,
        }),
      );
    socket.once("error", fail);
  });
}
