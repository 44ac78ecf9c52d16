import type { Identification } from "../../pipeline/matching/identify.ts";
import { type Sighting, unpackEmbedding } from "../../vision/protocol.ts";
import type { BadgeReading } from "../access/second-factor.ts";
import type { Person } from "../api.ts";
import { display, greetingName } from "../display-board.ts";
import { Attention } from "./attention.ts";
import { Companions } from "./companions.ts";
import { type FactorWait, FactorWaits, needsOf, refusalOf } from "./factor-waits.ts";
import { hasBetterRival, tailgaters } from "./in-view.ts";
import { Lockout } from "./lockout.ts";
import { mayEnter } from "./may-enter.ts";
import { blockedBy } from "./other-doors.ts";
import type { AdmissionParts } from "./parts.ts";
import { judge, type Outcome, openCase, type TrackCase, type Vote } from "./track-case.ts";
import type { Entry, RefusalReason } from "./types.ts";
import { maxFrameAgeMs } from "./types.ts";
import { describe, oldestFrameMs } from "./vote-fields.ts";

type Recognised = Extract<Outcome, { kind: "recognised" }>;
type Granted = Extract<Entry, { ok: true }>;

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
  readonly #factorWaits: FactorWaits;
  readonly #companions = new Companions();
  readonly #attention = new Attention();
  readonly #lockout: Lockout;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#factorWaits = new FactorWaits(parts.policy.factorWaitMs);
    this.#lockout = new Lockout(parts.events);
  }

  /** How many tracks are being judged: for health, and for leaving the machine's power to the door. */
  get activeTracks(): number {
    return this.#cases.size;
  }

  sighted(sighting: Sighting): void {
    const { clock, events, logger } = this.#parts;
    const nowMs = clock.nowMs();
    const known = this.#cases.get(sighting.trackId)?.case ?? openCase(sighting.trackId);
    const identification = this.#identify(sighting);
    const asked = this.#parts.challenges?.sighted(sighting, known.claimed);
    const { next, outcome } = judge(
      known,
      { ...sighting, liveness: asked?.liveness ?? sighting.liveness },
      { identification, policy: this.#parts.policy, nowMs, lacksChallenge: asked?.lacksChallenge ?? false },
    );
    this.#cases.set(sighting.trackId, { case: next, seenAtMs: nowMs });
    switch (outcome.kind) {
      case "prompt":
        if (this.#attention.take(next.trackId, outcome.prompt, nowMs)) {
          this.#parts.board.show(display.prompt(outcome.prompt), promptHoldMs);
        }
        break;
      case "challenge":
        this.#challenge(next, outcome, nowMs);
        break;
      case "recognised":
        this.#admit(next, outcome, nowMs);
        break;
      case "refused":
        this.#refuse(next, outcome.reason, outcome.vote);
        break;
      case "no-evidence":
        events.append("denied", { track: next.trackId, reason: "no-liveness-evidence", person: outcome.person });
        this.#parts.board.show(display.refused(), refusedHoldMs);
        break;
      case "visitor":
        events.append("visitor", { track: next.trackId });
        this.#parts.board.show(display.refused(), refusedHoldMs);
        break;
      case "stale":
        logger.warn({ track: next.trackId, ageMs: nowMs - sighting.capturedAtMs }, "stale sighting refused");
        break;
    }
    for (const wait of this.#factorWaits.takeOverdue(nowMs)) this.#factorMissed(wait);
    this.#forget(nowMs);
  }

  trackEnded(trackId: number): void {
    const wait = this.#factorWaits.end(trackId);
    if (wait) this.#noteDenied(wait.vote, { track: trackId, reason: refusalOf(wait), person: wait.person });
    this.#companions.forget(trackId);
    this.#cases.delete(trackId);
    this.#attention.release(trackId);
    this.#parts.challenges?.trackEnded(trackId);
  }

  /** A wrong badge, held up while a recognised face waits for the right one, is a failed second factor. */
  badgeRead(reading: BadgeReading): void {
    const nowMs = this.#parts.clock.nowMs();
    const person = this.#factorWaits.failedBy(reading, (trackId) => this.#isHere(trackId, nowMs));
    if (person !== null) this.#lockout.factorFailed(person, nowMs);
  }

  /** Vision was lost or restarted: nothing it said before counts any more. */
  reset(): void {
    this.#cases.clear();
    this.#factorWaits.clear();
    this.#companions.clear();
    this.#attention.releaseAll();
    this.#parts.challenges?.reset();
  }

  // --- internal ---

  #identify(sighting: Sighting): Identification | null {
    if (!sighting.embedding || !sighting.face || sighting.face.reasons.length > 0) return null;
    const { embedding, secondEmbedding } = sighting;
    const packed = secondEmbedding ? [embedding, secondEmbedding] : [embedding];
    return this.#parts.recogniser.identify(packed.map(unpackEmbedding));
  }

  /** A better match of the same person is in view, or they were let in a moment ago. */
  #isKeptWaiting({ trackId }: TrackCase, { person, best }: { person: string; best: Vote }, nowMs: number): boolean {
    const grantedAtMs = this.#grantedAtMs.get(person);
    const isResting = grantedAtMs !== undefined && nowMs - grantedAtMs < this.#parts.policy.restMs;
    return isResting || hasBetterRival(this.#cases, { trackId, person, best }, nowMs);
  }

  #challenge(current: TrackCase, found: { person: string; best: Vote }, nowMs: number): void {
    if (this.#isKeptWaiting(current, found, nowMs)) return;
    const { trackId } = current;
    const { person, best: vote } = found;
    const refusal = this.#parts.challenges?.ask(trackId, person) ?? null;
    if (refusal === null) return;
    if (refusal === "ask-somebody") {
      this.#finish({ ...current, saidVisitor: true }, "refused");
      this.#parts.events.append("visitor", { ...describe(vote), track: trackId, person, reason: "display-missing" });
      this.#parts.board.show(display.refused(), refusedHoldMs);
      return;
    }
    this.#deny(current, { reason: refusal, person: this.#parts.people.get(person), vote });
    if (refusal !== "display-missing") this.#lockout.imitated(person, nowMs);
  }

  #admit(current: TrackCase, found: Recognised, nowMs: number): void {
    const { door, people, clock, access } = this.#parts;
    if (this.#isKeptWaiting(current, found, nowMs)) return;
    const faceSinceMs = this.#factorWaits.sinceMs(current.trackId, found.person, nowMs);
    const hasCompanion = this.#companions.has(current.trackId, found.person, nowMs);
    const entry = mayEnter(people.get(found.person), {
      ...{ mode: door.state.mode, at: clock.date(), faceSinceMs, hasCompanion, access },
    });
    const isFactorAsked = entry.ok ? entry.secondFactor !== null : entry.needs !== null;
    if (isFactorAsked && this.#lockout.isFactorLocked(found.person, nowMs)) {
      this.#factorWaits.end(current.trackId);
      this.#deny(current, { reason: "locked-out", person: people.get(found.person), vote: found.best });
      return;
    }
    const clearance = entry.ok ? this.#parts.otherDoors?.ask() : undefined;
    const needs = clearance?.kind === "waiting" ? "other-doors" : needsOf(entry);
    if (entry.ok || needs === "company") {
      this.#companions.note(current.trackId, { person: found.person, oldestFrameMs: oldestFrameMs(found.votes) });
    }
    if (needs !== null) {
      const wait = { trackId: current.trackId, person: found.person, needs, sinceMs: faceSinceMs };
      const isKept = this.#factorWaits.keep({ ...wait, vote: found.best }, nowMs);
      // The answers of other doors take a moment; only who really has to wait is told so.
      if (isKept && (clearance?.kind !== "waiting" || clearance.isBusy)) {
        this.#parts.board.show(display.waiting(needs), promptHoldMs);
      }
      return;
    }
    this.#factorWaits.end(current.trackId);
    const reason = entry.ok ? "interlock" : entry.reason;
    if (entry.ok && clearance?.kind !== "refused") this.#open(current, found, { entry, nowMs });
    else this.#deny(current, { reason, person: people.get(found.person), vote: found.best });
  }

  /** Everything speaks for it: opens the door and tells everybody. */
  #open(current: TrackCase, found: Recognised, { entry, nowMs }: { entry: Granted; nowMs: number }): void {
    const { door, events, board, greet, access } = this.#parts;
    const { person, rule, secondFactor, isPassedBack } = entry;
    const answer = door.unlock(person.openSeconds ?? undefined, { source: "face", person: person.id });
    if (!answer.ok) {
      this.#deny(current, { reason: "door-unavailable", person, vote: found.best });
      return;
    }
    this.#finish(current, "granted");
    this.#grantedAtMs.set(person.id, nowMs);
    if (secondFactor !== null) this.#lockout.factorPassed(person.id);
    events.append("granted", {
      ...describe(found.best),
      track: current.trackId,
      person: person.id,
      openMs: answer.openMs,
      ...(rule === null ? {} : { rule }),
      ...(secondFactor === null ? {} : { secondFactor }),
      ...(isPassedBack ? { passedBack: true } : {}),
      oldestFrameMs: Math.round(nowMs - oldestFrameMs(found.votes)),
      completingFrameMs: Math.round(nowMs - found.completedAtMs),
    });
    // Somebody else stands at a door that just opened: worth an event, never a reason to slam it.
    for (const track of tailgaters(this.#cases, current.trackId, nowMs)) events.append("tailgating", { track });
    board.show(display.granted(greetingName(person.name, person.greet ?? greet)), answer.openMs);
    // Last: it writes to the database, and a full disk must keep neither the record nor the greeting from anybody.
    access.entered(person);
  }

  /**
   * The badge, or the other person, did not come in time: a refusal like any other. It counts as a failure once a visit, and
   * not for somebody who has walked off.
   */
  #factorMissed(wait: FactorWait): void {
    const { trackId, person, vote } = wait;
    const nowMs = this.#parts.clock.nowMs();
    const isFailure =
      refusalOf(wait) === "second-factor-missing" &&
      this.#isHere(trackId, nowMs) &&
      !this.#factorWaits.hasFailed(trackId);
    this.#factorWaits.end(trackId);
    const current = this.#cases.get(trackId)?.case ?? openCase(trackId);
    this.#deny(current, { reason: refusalOf(wait), person: this.#parts.people.get(person), vote });
    if (isFailure) this.#lockout.factorFailed(person, nowMs);
  }

  #isHere(trackId: number, nowMs: number): boolean {
    const seenAtMs = this.#cases.get(trackId)?.seenAtMs;
    return seenAtMs !== undefined && nowMs - seenAtMs <= maxFrameAgeMs;
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
    this.#noteFailure(current.trackId, reason, vote);
    this.#factorWaits.end(current.trackId);
    this.#parts.challenges?.release(current.trackId);
    if (reason !== "not-live") this.#finish(current, "refused");
    this.#parts.command({ type: "track", trackId: current.trackId, state: "decided" });
    board.show(display.refused(), refusedHoldMs);
  }

  #noteFailure(trackId: number, reason: "unknown" | "ambiguous" | "not-live", vote: Vote | null): void {
    const nowMs = this.#parts.clock.nowMs();
    if (reason === "unknown") this.#lockout.unknownTrack(trackId, nowMs);
    const imitated = reason === "not-live" ? vote?.identification.person : undefined;
    if (imitated) this.#lockout.imitated(imitated, nowMs);
  }

  #deny(current: TrackCase, denial: { reason: RefusalReason; person: Person | undefined; vote: Vote }): void {
    const { board } = this.#parts;
    this.#finish(current, "refused");
    this.#noteDenied(denial.vote, {
      track: current.trackId,
      reason: denial.reason,
      ...(denial.person ? { person: denial.person.id } : {}),
    });
    board.show(denial.reason === "lockdown" ? display.closed() : display.refused(), refusedHoldMs);
  }

  #noteDenied(vote: Vote, fields: { track: number; reason: RefusalReason; person?: string }): void {
    this.#parts.events.append("denied", {
      ...describe(vote),
      ...fields,
      ...blockedBy(fields.reason, this.#parts.otherDoors),
    });
  }

  #finish(current: TrackCase, status: "granted" | "refused"): TrackCase {
    this.#attention.release(current.trackId);
    this.#parts.challenges?.release(current.trackId);
    const finished: TrackCase = { ...current, status, votes: [] };
    this.#cases.set(current.trackId, { case: finished, seenAtMs: this.#parts.clock.nowMs() });
    this.#parts.command({ type: "track", trackId: current.trackId, state: "decided" });
    return finished;
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
