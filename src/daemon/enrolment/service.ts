import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { Timers } from "../../core/timers.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { type Sighting, unpackEmbedding, type VisionCommand } from "../../vision/protocol.ts";
import type {
  AddResult,
  DisplayState,
  EnrolmentProgress,
  EnrolmentRequest,
  EnrolmentResult,
  EventLog,
  LiveEnrolment,
} from "../api.ts";
import { display } from "../display-board.ts";
import type { Candidate } from "../people/photo-rules.ts";
import type { VisionListener } from "../vision-link.ts";
import { claimOf, type EnrolmentChallenges, refusalOf, type SeatRefusal } from "./challenge.ts";
import { FacesInView } from "./faces-in-view.ts";
import { newSitting, type Sitting, type SittingRules, sit, views } from "./sitting.ts";

export interface DoorEnrolmentParts {
  /** Who is told of everybody who is not being enrolled. */
  readonly admission: VisionListener;
  readonly people: {
    identify(face: readonly Embedding[]): Identification;
    /** What can be refused before anybody stands there. Throws a LintelError. */
    checkNew(id: string, fields: EnrolmentRequest["fields"]): void;
    enrol(
      id: string,
      fields: EnrolmentRequest["fields"],
      from: { candidates: readonly Candidate[]; by: string },
    ): AddResult;
  };
  readonly events: Pick<EventLog, "append">;
  readonly board: { show(state: DisplayState, holdMs: number): void };
  readonly rules: SittingRules;
  /** Absent: ordinary frames are proof enough at the door's level. */
  readonly challenges?: EnrolmentChallenges | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  command(command: VisionCommand): void;
}

const promptHoldMs = 2500;
const thanksHoldMs = 5000;
/** After the last picture the person looks at the camera anyway: long enough to be recognised once. */
const checkMs = 4000;

interface Window {
  readonly request: EnrolmentRequest;
  readonly report: (progress: EnrolmentProgress) => void;
  readonly end: (result: EnrolmentResult | LintelError) => void;
  readonly cancelTimer: () => void;
  sitting: Sitting | null;
  /** The pictures are kept; only whether the door knows the person now is still to be seen. */
  enrolled: AddResult | null;
  lastSaid: string;
}

/**
 * Stands between vision and admission: while a window is open, a stranger before the camera is led through the views and
 * enrolled. Everybody else is judged as always, above all people the door knows. Whoever was enrolled is not judged before
 * the next walk-up: an enrolment never opens.
 */
export class DoorEnrolment implements VisionListener, LiveEnrolment {
  readonly #parts: DoorEnrolmentParts;
  readonly #inView = new FacesInView();
  /** Tracks that sat for an enrolment: admission never hears of them. */
  readonly #seated = new Set<number>();
  #window: Window | undefined;

  constructor(parts: DoorEnrolmentParts) {
    this.#parts = parts;
  }

  enrol(request: EnrolmentRequest, onProgress: (progress: EnrolmentProgress) => void): Promise<EnrolmentResult> {
    const { people, timers, challenges } = this.#parts;
    if (this.#window) throw conflict(`${this.#window.request.id} is being enrolled`, "wait, or cancel that first");
    people.checkNew(request.id, request.fields);
    if (challenges?.hasDisplay === false) throw refusalOf("display-missing");
    return new Promise((resolve, reject) => {
      const end = (result: EnrolmentResult | LintelError) => {
        this.#close();
        if (result instanceof LintelError) reject(result);
        else resolve(result);
      };
      const cancelTimer = timers.after(request.seconds * 1000, () => this.#overdue());
      this.#window = { request, report: onProgress, end, cancelTimer, sitting: null, enrolled: null, lastSaid: "" };
      onProgress({ stage: "started", id: request.id, seconds: request.seconds });
      // Who was refused a moment ago is looked at no more: from now on they may be the one.
      for (const trackId of this.#inView.tracks) this.#parts.command({ type: "track", trackId, state: "open" });
    });
  }

  cancel(): boolean {
    if (!this.#window) return false;
    this.#window.end(conflict("the enrolment was cancelled", "ask again when the person is there"));
    return true;
  }

  sighted(sighting: Sighting): void {
    this.#inView.note(sighting, this.#parts.clock.nowMs());
    const window = this.#window;
    if (window && this.#isTheirs(window, sighting)) this.#look(window, sighting);
    else if (!this.#seated.has(sighting.trackId)) this.#parts.admission.sighted(sighting);
  }

  trackEnded(trackId: number): void {
    this.#inView.forget(trackId);
    this.#seated.delete(trackId);
    if (this.#window?.sitting?.trackId === trackId) this.#lost(this.#window);
    this.#parts.admission.trackEnded(trackId);
  }

  reset(): void {
    this.#inView.clear();
    this.#seated.clear();
    if (this.#window?.sitting) this.#lost(this.#window);
    this.#parts.admission.reset();
  }

  // --- internal ---

  /** What was begun for the window ends with it. */
  #close(): void {
    const { sitting, cancelTimer } = this.#window ?? {};
    this.#window = undefined;
    cancelTimer?.();
    if (sitting) this.#parts.challenges?.release(sitting.trackId);
  }

  /** Whether the sighting is of the person who is being enrolled; a stranger who stands there alone becomes that person. */
  #isTheirs(window: Window, sighting: Sighting): boolean {
    const { trackId, face, embedding } = sighting;
    if (window.sitting) return window.sitting.trackId === trackId;
    const { rules } = this.#parts;
    if (!face || face.faceWidthPx < rules.minFaceWidthPx || !embedding || this.#seated.has(trackId)) return false;
    const { person } = this.#identify(sighting);
    if (person !== null && person !== window.request.id) {
      this.#say(window, { stage: "known", person });
      return false;
    }
    window.sitting = newSitting(trackId);
    this.#seated.add(trackId);
    this.#parts.admission.trackEnded(trackId);
    this.#say(window, { stage: "seen" });
    return true;
  }

  #look(window: Window, sighting: Sighting): void {
    const { sitting, enrolled } = window;
    const { clock, board, rules } = this.#parts;
    const nowMs = clock.nowMs();
    if (!sitting) return;
    if (enrolled) {
      if (sighting.embedding) this.#check(window, enrolled, sighting);
      return;
    }
    if (this.#inView.isAnotherNear(sitting.trackId, { nowMs, minWidthPx: rules.minFaceWidthPx / 2 })) {
      this.#say(window, { stage: "not-alone" });
      board.show(display.onePersonPlease(), promptHoldMs);
      return;
    }
    const asked = this.#parts.challenges?.sighted(sighting, claimOf(window.request.id));
    const { next, step } = sit(
      sitting,
      { ...sighting, liveness: asked?.liveness ?? sighting.liveness },
      { rules, nowMs, challenge: asked === undefined ? "none" : asked.lacksChallenge ? "lacking" : "passed" },
    );
    window.sitting = next;
    switch (step.kind) {
      case "prompt":
        board.show(display.enrolling(step.prompt), promptHoldMs);
        break;
      case "taken":
        this.#say(window, { stage: "view", view: step.view, taken: next.taken.length, of: views.length });
        break;
      case "challenge":
        this.#ask(window, sitting.trackId);
        break;
      case "failed":
        this.#refuse(window, step.reason);
        break;
      case "complete":
        this.#keep(window, next);
        break;
      case "nothing":
        break;
    }
  }

  /** The display leads through the challenge; nobody else is asked meanwhile. */
  #ask(window: Window, trackId: number): void {
    this.#say(window, { stage: "challenge" });
    const refusal = this.#parts.challenges?.ask(trackId, claimOf(window.request.id)) ?? null;
    // Nobody can be asked instead: who stands there is a stranger.
    if (refusal !== null) this.#refuse(window, refusal === "ask-somebody" ? "display-missing" : refusal);
  }

  #refuse(window: Window, reason: SeatRefusal): void {
    const type = reason === "not-live" ? "spoof" : "denied";
    this.#parts.events.append(type, { track: window.sitting?.trackId, reason, during: "enrolment" });
    window.end(refusalOf(reason));
  }

  #keep(window: Window, sitting: Sitting): void {
    const { id, fields, by } = window.request;
    const candidates = sitting.taken.map(({ candidate }) => candidate);
    let result: AddResult;
    try {
      result = this.#parts.people.enrol(id, fields, { candidates, by });
    } catch (error) {
      window.end(error instanceof LintelError ? error : conflict("the pictures could not be kept", "see the log"));
      if (error instanceof LintelError) return;
      throw error;
    }
    const [first] = result.refused;
    if (first && result.refused.length === candidates.length) {
      window.end(conflict(`${first.reason}: ${first.detail}`, "nothing was kept"));
      return;
    }
    window.enrolled = result;
    window.cancelTimer();
    const cancelTimer = this.#parts.timers.after(checkMs, () => this.#finish(window, result, null));
    Object.assign(window, { cancelTimer });
    this.#parts.board.show(display.enrolled(), thanksHoldMs);
  }

  /** Did it work? The next look tells. */
  #check(window: Window, enrolled: AddResult, sighting: Sighting): void {
    this.#finish(window, enrolled, this.#identify(sighting).person === window.request.id);
  }

  #finish(window: Window, enrolled: AddResult, recognised: boolean | null): void {
    const trackId = window.sitting?.trackId;
    window.end({ stage: "enrolled", ...enrolled, recognised });
    if (trackId !== undefined) this.#parts.command({ type: "track", trackId, state: "decided" });
  }

  #lost(window: Window): void {
    if (window.enrolled) {
      this.#finish(window, window.enrolled, null);
      return;
    }
    window.sitting = null;
    this.#say(window, { stage: "lost" });
  }

  #overdue(): void {
    const window = this.#window;
    if (!window) return;
    const taken = window.sitting?.taken.length ?? 0;
    const isLeft = taken === views.length ? ", but nothing proved that they show a living person" : "";
    const why =
      taken === 0 ? "nobody new came before the camera" : `${taken} of ${views.length} views were taken${isLeft}`;
    window.end(conflict(`time is up: ${why}`, "ask again with more seconds"));
  }

  #identify({ embedding, secondEmbedding }: Sighting): Identification {
    const packed = [embedding, secondEmbedding].filter((one) => one !== undefined);
    return this.#parts.people.identify(packed.map(unpackEmbedding));
  }

  /** A state is told when it begins, not with every frame. */
  #say(window: Window, progress: EnrolmentProgress): void {
    const text = JSON.stringify(progress);
    if (text === window.lastSaid) return;
    window.lastSaid = text;
    window.report(progress);
  }
}

// --- internal ---

function conflict(message: string, hint: string): LintelError {
  return new LintelError("LINTEL_E_CONFLICT", message, { hint });
}
