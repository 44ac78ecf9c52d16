import type { Clock } from "../core/clock.ts";
import {
  type ChipAnswer,
  type ChipErrorReason,
  type ChipMessage,
  type ChipRequest,
  type Level,
  maxRecordPage,
  type RecordedEdge,
} from "../hal/gpio/simulated-protocol.ts";

/** One client of the chip, as the chip sees it. */
export interface ChipPeer {
  send(message: ChipMessage): void;
}

/** Edges kept for reading back; older ones are dropped and leave a gap in the sequence. */
const keptEdges = 100_000;

interface Line {
  level: Level;
  /** What a welded relay holds the line at. */
  stuckAt: Level | null;
  /** Polarity of the present owner, or of the last one. */
  activeLow: boolean;
  owner: ChipPeer | null;
  direction: "output" | "input";
  consumer: string;
}

/**
 * A GPIO chip without a socket: lines with one owner each, levels, polarity, and a record of every edge. It behaves as
 * the kernel's character device does: taking a line as an output drives it inactive at once, and a peer that goes away
 * loses its lines, which fall back to their inactive level.
 */
export class GpioChip {
  readonly #clock: Clock;
  readonly #lines: Line[];
  readonly #watchers = new Set<ChipPeer>();
  #edges: RecordedEdge[] = [];
  #nextSequence = 0;

  constructor(options: { readonly clock: Clock; readonly lines: number }) {
    this.#clock = options.clock;
    this.#lines = Array.from({ length: options.lines }, () => ({
      level: 0,
      stuckAt: null,
      activeLow: false,
      owner: null,
      direction: "input",
      consumer: "",
    }));
  }

  /** Carries out one request of a peer and answers it. */
  handle(peer: ChipPeer, request: ChipRequest): void {
    peer.send(this.#answer(peer, request));
  }

  /** The peer is gone: its lines are released to their inactive level. */
  drop(peer: ChipPeer): void {
    this.#watchers.delete(peer);
    for (const [offset, line] of this.#lines.entries()) if (line.owner === peer) this.#release(offset, line);
  }

  // --- internal ---

  #answer(peer: ChipPeer, request: ChipRequest): ChipAnswer {
    const { id } = request;
    if (request.type === "watch") {
      this.#watchers.add(peer);
      return { type: "ok", id };
    }
    if (request.type === "record") return this.#page(id, request.fromSequence);
    const line = this.#lines[request.line];
    if (!line) return { type: "error", id, reason: "no-such-line" };
    if (request.type === "get") {
      if (line.owner !== peer) return { type: "error", id, reason: "not-owner" };
      return { type: "value", id, isActive: isActive(line) };
    }
    const reason = this.#change(peer, line, request);
    return reason === null ? { type: "ok", id } : { type: "error", id, reason };
  }

  #change(
    peer: ChipPeer,
    line: Line,
    request: Extract<ChipRequest, { type: "request" | "release" | "set" | "drive" | "stick" }>,
  ): ChipErrorReason | null {
    switch (request.type) {
      case "request":
        if (line.owner) return "busy";
        Object.assign(line, { owner: peer, direction: request.direction, activeLow: request.activeLow });
        line.consumer = request.consumer;
        if (request.direction === "output") this.#put(request.line, levelOf(line, false), "requested");
        return null;
      case "release":
        if (line.owner !== peer) return "not-owner";
        this.#release(request.line, line);
        return null;
      case "set":
        if (line.owner !== peer) return "not-owner";
        if (line.direction !== "output") return "wrong-direction";
        this.#put(request.line, levelOf(line, request.isActive), "set");
        return null;
      case "drive":
        if (line.owner && line.direction === "output") return "wrong-direction";
        this.#put(request.line, request.level, "driven");
        return null;
      case "stick":
        line.stuckAt = request.level;
        if (request.level !== null) this.#put(request.line, request.level, "stuck");
        return null;
    }
  }

  #release(offset: number, line: Line): void {
    line.owner = null;
    if (line.direction === "output") this.#put(offset, levelOf(line, false), "released");
    line.direction = "input";
    line.consumer = "";
  }

  /** Puts a level on a line. No change, no edge; a stuck line does not move. */
  #put(offset: number, wanted: Level, cause: RecordedEdge["cause"]): void {
    const line = this.#lines[offset];
    if (!line) throw new Error("cannot happen: the line was looked up before");
    const level = line.stuckAt ?? wanted;
    if (level === line.level) return;
    line.level = level;
    const atMs = this.#clock.nowMs();
    const { consumer } = line;
    const edge = {
      sequence: this.#nextSequence++,
      line: offset,
      level,
      isActive: isActive(line),
      cause,
      consumer,
      atMs,
    };
    this.#edges.push(edge);
    if (this.#edges.length > keptEdges * 1.1) this.#edges = this.#edges.slice(-keptEdges);
    if (line.owner && line.direction === "input") {
      line.owner.send({ type: "edge", line: offset, isActive: edge.isActive, atMs });
    }
    for (const watcher of this.#watchers) watcher.send({ type: "recorded", edge });
  }

  #page(id: number, fromSequence: number): ChipAnswer {
    const first = this.#edges[0]?.sequence ?? 0;
    const start = Math.max(0, fromSequence - first);
    const edges = this.#edges.slice(start, start + maxRecordPage);
    const last = edges.at(-1);
    const isEnd = last === undefined || last.sequence + 1 === this.#nextSequence;
    return { type: "edges", id, edges, next: isEnd ? null : last.sequence + 1 };
  }
}

function levelOf(line: Line, active: boolean): Level {
  return active === line.activeLow ? 0 : 1;
}

function isActive(line: Line): boolean {
  return (line.level === 1) !== line.activeLow;
}
