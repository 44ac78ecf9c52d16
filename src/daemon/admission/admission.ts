import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { type Sighting, unpackVector, type VisionCommand } from "../../vision/protocol.ts";
import type { DisplayState, Door, EventLog, Person } from "../api.ts";
import { display, greetingName } from "../display-board.ts";
import { mayEnter } from "./may-enter.ts";
import { judge, openCase, type TrackCase, type Vote } from "./track-case.ts";
import type { AdmissionPolicy, PersonDirectory, Recogniser, RefusalReason } from "./types.ts";
import { maxFrameAgeMs } from "./types.ts";

export interface AdmissionParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: AdmissionPolicy;
  readonly recogniser: Recogniser;
  readonly people: PersonDirectory;
  readonly door: Pick<Door, "state" | "unlock">;
  readonly events: Pick<EventLog, "append">;
  readonly board: { show(state: DisplayState, holdMs: number): void };
  readonly greet: "name" | "first-name" | "none";
  /** Tells vision what is still needed from a track. */
  command(command: VisionCommand): void;
}

/** A track seen within this time is in view together with the one being judged. */
const inViewMs = 300;
const promptHoldMs = 2500;
const refusedHoldMs = 6000;
/** A case without sightings for this long is forgotten, should its end not have been told. */
const forgetAfterMs = 10_000;

/**
 * From sightings to an open door: keeps one case a track, lets the pure judge decide, and carries out what follows. It
 * runs on the control plane's one thread, so that nothing happens between a decision and the command to the door.
 */
export class Admission {
  readonly #parts: AdmissionParts;
  readonly #cases = new Map<number, { case: TrackCase; seenAtMs: number }>();
  readonly #grantedAtMs = new Map<string, number>();

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** How many tracks are being judged: for health, and for leaving the machine's power to the door. */
  get activeTracks(): number {
    return this.#cases.size;
  }

  sighted(sighting: Sighting): void {
    const nowMs = this.#parts.clock.nowMs();
    const known = this.#cases.get(sighting.trackId)?.case ?? openCase(sighting.trackId);
    const identification = this.#identify(sighting);
    const { next, outcome } = judge(known, sighting, { identification, policy: this.#parts.policy, nowMs });
    this.#cases.set(sighting.trackId, { case: next, seenAtMs: nowMs });
    switch (outcome.kind) {
      case "prompt":
        this.#parts.board.show(display.prompt(outcome.prompt), promptHoldMs);
        break;
      case "recognised":
        this.#admit(next, outcome, nowMs);
        break;
      case "refused":
        this.#refuse(next, outcome.reason, outcome.vote);
        break;
      case "no-evidence":
        this.#parts.events.append("denied", {
          track: next.trackId,
          reason: "no-liveness-evidence",
          person: outcome.person,
        });
        this.#parts.board.show(display.refused(), refusedHoldMs);
        break;
      case "visitor":
        this.#parts.events.append("visitor", { track: next.trackId });
        this.#parts.board.show(display.refused(), refusedHoldMs);
        break;
      case "stale":
        this.#parts.logger.warn(
          { track: next.trackId, ageMs: nowMs - sighting.capturedAtMs },
          "stale sighting refused",
        );
        break;
      case "nothing":
        break;
    }
    this.#forget(nowMs);
  }

  trackEnded(trackId: number): void {
    this.#cases.delete(trackId);
  }

  /** Vision was lost or restarted: nothing it said before counts any more. */
  reset(): void {
    this.#cases.clear();
  }

  // --- internal ---

  #identify(sighting: Sighting): Identification | null {
    if (!sighting.embedding || !sighting.face || sighting.face.reasons.length > 0) return null;
    const probe: Embedding = {
      embedder: sighting.embedding.embedder,
      vector: unpackVector(sighting.embedding.vector),
    };
    return this.#parts.recogniser.identify(probe);
  }

  #admit(current: TrackCase, found: { person: string; best: Vote; votes: readonly Vote[] }, nowMs: number): void {
    const { door, events, people, policy, board, greet, clock } = this.#parts;
    if (this.#hasBetterRival(current, found, nowMs)) return;
    const grantedAtMs = this.#grantedAtMs.get(found.person);
    if (grantedAtMs !== undefined && nowMs - grantedAtMs < policy.restMs) return;
    const person = people.get(found.person);
    const reason = mayEnter(person, { mode: door.state.mode, at: clock.date() });
    if (reason !== null || person === undefined) {
      this.#deny(current, { reason: reason ?? "unknown", person, vote: found.best });
      return;
    }
    const answer = door.unlock(person.openSeconds ?? undefined, { source: "face", person: person.id });
    if (!answer.ok) {
      this.#deny(current, { reason: "door-unavailable", person, vote: found.best });
      return;
    }
    this.#finish(current, "granted");
    this.#grantedAtMs.set(person.id, nowMs);
    events.append("granted", {
      ...describe(found.best),
      track: current.trackId,
      person: person.id,
      openMs: answer.openMs,
      oldestFrameMs: Math.round(nowMs - Math.min(...found.votes.map((vote) => vote.capturedAtMs))),
    });
    this.#noteTailgating(current.trackId, nowMs);
    board.show(display.granted(greetingName(person.name, greet)), answer.openMs);
  }

  /**
   * One person cannot stand before the door twice: of two faces in view that are named alike only the nearer match may
   * open. The other waits, for it may be the same person whose first track was lost a moment ago.
   */
  #hasBetterRival(current: TrackCase, found: { person: string; best: Vote }, nowMs: number): boolean {
    const distance = found.best.identification.distance ?? Number.POSITIVE_INFINITY;
    for (const { case: other, seenAtMs } of this.#cases.values()) {
      if (other.trackId === current.trackId || nowMs - seenAtMs > inViewMs) continue;
      for (const { identification } of other.votes) {
        const isSamePerson = identification.person === found.person;
        if (isSamePerson && (identification.distance ?? distance) <= distance) return true;
      }
    }
    return false;
  }

  #refuse(current: TrackCase, reason: "unknown" | "ambiguous" | "not-live", vote: Vote | null): void {
    const { events, board } = this.#parts;
    const type = reason === "not-live" ? "spoof" : reason === "unknown" ? "unknown" : "denied";
    const detail = vote === null ? {} : describe(vote);
    // An unknown face is nobody: what it resembles is not written down. A spoof names whom it imitated.
    events.append(type, {
      track: current.trackId,
      reason,
      ...(reason === "unknown" ? {} : detail),
      ...(reason === "not-live" && vote?.identification.person ? { imitated: vote.identification.person } : {}),
    });
    if (reason !== "not-live") this.#finish(current, "refused");
    this.#parts.command({ type: "track", trackId: current.trackId, state: "decided" });
    board.show(display.refused(), refusedHoldMs);
  }

  #deny(current: TrackCase, denial: { reason: RefusalReason; person: Person | undefined; vote: Vote }): void {
    const { events, board } = this.#parts;
    this.#finish(current, "refused");
    events.append("denied", {
      ...describe(denial.vote),
      track: current.trackId,
      reason: denial.reason,
      ...(denial.person ? { person: denial.person.id } : {}),
    });
    board.show(denial.reason === "lockdown" ? display.closed() : display.refused(), refusedHoldMs);
  }

  #finish(current: TrackCase, status: "granted" | "refused"): TrackCase {
    const finished: TrackCase = { ...current, status, votes: [] };
    this.#cases.set(current.trackId, { case: finished, seenAtMs: this.#parts.clock.nowMs() });
    this.#parts.command({ type: "track", trackId: current.trackId, state: "decided" });
    return finished;
  }

  /** Somebody else stands at a door that just opened: worth an event, never a reason to slam it. */
  #noteTailgating(grantedTrack: number, nowMs: number): void {
    for (const { case: other, seenAtMs } of this.#cases.values()) {
      const isHere = nowMs - seenAtMs < maxFrameAgeMs && other.intent.isWanting;
      if (other.trackId === grantedTrack || other.status === "granted" || !isHere) continue;
      if (other.claimed === null) this.#parts.events.append("tailgating", { track: other.trackId });
    }
  }

  #forget(nowMs: number): void {
    for (const [trackId, { seenAtMs }] of this.#cases) {
      if (nowMs - seenAtMs > forgetAfterMs) this.#cases.delete(trackId);
    }
    for (const [person, atMs] of this.#grantedAtMs) {
      if (nowMs - atMs > this.#parts.policy.restMs) this.#grantedAtMs.delete(person);
    }
  }
}

function describe(vote: Vote): { distance?: number; runnerUp?: number } {
  const { distance, runnerUp } = vote.identification;
  return {
    ...(distance === null ? {} : { distance: round(distance) }),
    ...(runnerUp === null ? {} : { runnerUp: round(runnerUp.distance) }),
  };
}

function round(distance: number): number {
  return Math.round(distance * 1000) / 1000;
}
