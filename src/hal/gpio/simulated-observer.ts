import { systemTimers } from "../../core/timers.ts";
import { connectChip } from "./chip-socket.ts";
import type { Level, RecordedEdge } from "./simulated-protocol.ts";

/** Somebody who stands beside the simulated chip: reads its record, presses buttons, opens the door, welds the relay. */
export interface ChipObserver {
  /** Every edge of every line from a sequence number on. */
  record(fromSequence?: number): Promise<readonly RecordedEdge[]>;
  /** Puts a physical level on an input. */
  drive(line: number, level: Level): Promise<void>;
  /** Holds a line at a level whatever its owner sets; null mends it. */
  stick(line: number, level: Level | null): Promise<void>;
  /** Calls back for each edge from now on; the returned function ends it. */
  subscribe(listener: (edge: RecordedEdge) => void): () => void;
  /** The first recorded edge that fits, waiting for it until the deadline; rejects when there is none. */
  waitFor(fits: (edge: RecordedEdge) => boolean, deadlineMs: number): Promise<RecordedEdge>;
  close(): Promise<void>;
}

/** Connects to a simulated chip as an observer. Rejects with `LINTEL_E_GPIO`. */
export async function observeChip(socketPath: string): Promise<ChipObserver> {
  const listeners = new Set<(edge: RecordedEdge) => void>();
  const socket = await connectChip(
    socketPath,
    {
      onNews: (message) => {
        if (message.type === "recorded") for (const listener of [...listeners]) listener(message.edge);
      },
      onLost: () => {},
    },
    systemTimers,
  );
  await socket.ask({ type: "watch" });

  const record = async (fromSequence = 0): Promise<readonly RecordedEdge[]> => {
    const all: RecordedEdge[] = [];
    for (let from: number | null = fromSequence; from !== null; ) {
      const answer = await socket.ask({ type: "record", fromSequence: from });
      if (answer.type !== "edges") throw new Error("cannot happen: a record request is answered with edges");
      all.push(...answer.edges);
      from = answer.next;
    }
    return all;
  };
  const subscribe = (listener: (edge: RecordedEdge) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const waitFor = (fits: (edge: RecordedEdge) => boolean, deadlineMs: number) =>
    new Promise<RecordedEdge>((resolve, reject) => {
      const settle = (edge: RecordedEdge) => {
        if (!fits(edge)) return;
        stop();
        cancel();
        resolve(edge);
      };
      const stop = subscribe(settle);
      const cancel = systemTimers.after(deadlineMs, () => {
        stop();
        reject(new Error(`no such edge within ${deadlineMs} ms`));
      });
      record().then((edges) => edges.forEach(settle), reject);
    });
  return {
    record,
    subscribe,
    waitFor,
    drive: async (line, level) => void (await socket.ask({ type: "drive", line, level })),
    stick: async (line, level) => void (await socket.ask({ type: "stick", line, level })),
    close: () => socket.close(),
  };
}
