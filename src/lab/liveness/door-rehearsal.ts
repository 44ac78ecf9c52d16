import type { Clock } from "../../core/clock.ts";
import { Attention } from "../../daemon/admission/attention.ts";
import { judge, openCase, type TrackCase } from "../../daemon/admission/track-case.ts";
import type { AdmissionPolicy } from "../../daemon/admission/types.ts";
import { display } from "../../daemon/display-board.ts";
import { challengeCue } from "../../pipeline/liveness/level.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Prompt } from "../../simulation/motion.ts";
import type { VisionScheduling } from "../../vision/config.ts";
import type { DoorNetworks } from "../../vision/networks.ts";
import type { Sighting, VisionCommand } from "../../vision/protocol.ts";
import { Watcher, type WatcherParts } from "../../vision/watcher.ts";
import { RehearsedChallenge } from "./rehearsed-challenge.ts";

/** What the door made of a visit, the strongest that was said of any track. */
export type Response = "live" | "spoof" | "none";

export interface Verdict {
  readonly response: Response;
  /**
   * From the moment in which the door found that somebody wants in, to the verdict; null without one. At `passive` on the track that was
   * judged; at `active` on the first of the visit, since whose track was broken off in the midst of a challenge waits on.
   */
  readonly afterMs: number | null;
  /** What every cue said in the frame that decided. */
  readonly says: readonly string[];
  /** Cues that said `spoof` in that frame, or the challenge. */
  readonly deniedBy: readonly string[];
}

export interface RehearsalParts {
  readonly networks: DoorNetworks;
  readonly limits: WatcherParts["limits"];
  readonly scheduling: VisionScheduling;
  readonly policy: AdmissionPolicy;
  /** Level `active`, with challenges drawn from this seed; absent: `passive`. */
  readonly challengeSeed?: number | undefined;
  /** What the display asks for from now on. */
  ask(prompt: Prompt | null, atMs: number): void;
  /** Whether the display is a lamp from then on; at `passive` it never is. */
  brighten(isBright: boolean, atMs: number): void;
  /** Told of all that the watcher sees; what it gives back is what the door is told. */
  readonly amend?: ((sighting: Sighting) => Sighting) | undefined;
}

/** As long as the door's own prompts stand. */
const promptHoldMs = 2500;
/** Whoever comes is taken for an enrolled person at once, so that liveness alone stands between them and the door. */
const matched: Identification = { person: "enrolled", distance: 0.1, runnerUp: null, reason: null };

/**
 * The door without its machinery: the watcher of the vision process and the rule of admission, told of every frame in turn, in the time
 * of the frames. It grants, refuses and prompts when the door would.
 */
export class DoorRehearsal {
  readonly #parts: RehearsalParts;
  readonly #watcher: Watcher;
  readonly #cases = new Map<number, TrackCase>();
  readonly #attention = new Attention();
  readonly #challenge: RehearsedChallenge | undefined;
  #nowMs = 0;
  #promptUntilMs: number | null = null;
  #wantedSinceMs: number | null = null;
  #verdict: Verdict = { response: "none", afterMs: null, says: [], deniedBy: [] };

  constructor(parts: RehearsalParts) {
    this.#parts = parts;
    const clock: Clock = { nowMs: () => this.#nowMs, date: () => new Date(0) };
    this.#watcher = new Watcher({
      ...{ networks: parts.networks, limits: parts.limits, scheduling: parts.scheduling, clock },
      send: (message) => {
        if (message.type === "sighting") this.#sighted(message);
        if (message.type === "track-ended") this.#ended(message.trackId);
      },
    });
    const { challengeSeed: seed, ask, brighten } = parts;
    if (seed === undefined) return;
    this.#challenge = new RehearsedChallenge({
      seed,
      ask,
      brighten,
      command: (command) => obey(this.#watcher, command),
    });
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  async look(frame: Frame): Promise<void> {
    this.#nowMs = frame.capturedAtMs;
    this.#challenge?.advance(this.#nowMs);
    if (this.#promptUntilMs !== null && this.#nowMs >= this.#promptUntilMs) this.#show(null);
    await this.#watcher.look(frame);
  }

  // --- internal ---

  #sighted(seen: Sighting): void {
    const sighting = this.#parts.amend?.(seen) ?? seen;
    const nowMs = this.#nowMs;
    const before = this.#cases.get(sighting.trackId) ?? openCase(sighting.trackId);
    const identification = sighting.embedding ? matched : null;
    const asked = this.#challenge?.challenges.sighted(sighting, before.claimed);
    const { next, outcome } = judge(
      before,
      { ...sighting, liveness: asked?.liveness ?? sighting.liveness },
      { identification, policy: this.#parts.policy, nowMs, lacksChallenge: asked?.lacksChallenge ?? false },
    );
    this.#cases.set(sighting.trackId, next);
    this.#wantedSinceMs ??= next.intent.wantingSinceMs;
    if (outcome.kind === "prompt" && this.#attention.take(next.trackId, outcome.prompt, nowMs)) {
      this.#show(outcome.prompt);
    }
    if (outcome.kind === "challenge") this.#ask(next, outcome.person, sighting);
    if (outcome.kind === "recognised") this.#decide("live", next, sighting);
    if (outcome.kind === "refused") this.#decide("spoof", next, sighting);
  }

  /** Whoever fails every challenge, or too many of late, is refused, as an attack is. */
  #ask(current: TrackCase, person: string, sighting: Sighting): void {
    const refusal = this.#challenge?.challenges.ask(current.trackId, person);
    if (refusal !== "challenge-failed" && refusal !== "locked-out") return;
    this.#cases.set(current.trackId, { ...current, status: "refused", votes: [] });
    this.#decide("spoof", current, { ...sighting, deniedBy: [challengeCue.passed.name] });
  }

  #decide(
    response: Response,
    current: TrackCase,
    { trackId, liveness, deniedBy }: Sighting & { readonly deniedBy?: readonly string[] },
  ): void {
    this.#watcher.setDecided(trackId, true);
    this.#challenge?.challenges.release(trackId);
    this.#attention.release(trackId);
    if (response === "live") this.#cases.set(trackId, { ...current, status: "granted", votes: [] });
    if (this.#verdict.response === "live" || this.#verdict.response === response) return;
    const sinceMs = this.#challenge ? this.#wantedSinceMs : current.intent.wantingSinceMs;
    const afterMs = this.#nowMs - (sinceMs ?? this.#nowMs);
    const spoofs = liveness.cues.filter(({ verdict }) => verdict === "spoof").map(({ name }) => name);
    const says = liveness.cues.map(({ name, says }) => `${name}: ${says}`);
    this.#verdict = { response, afterMs, says, deniedBy: deniedBy ?? spoofs };
  }

  #ended(trackId: number): void {
    this.#cases.delete(trackId);
    this.#attention.release(trackId);
    this.#challenge?.challenges.trackEnded(trackId);
  }

  #show(prompt: Prompt | null): void {
    if (this.#challenge) {
      if (prompt !== null) this.#challenge.board.show(display.prompt(prompt), promptHoldMs);
      return;
    }
    this.#promptUntilMs = prompt === null ? null : this.#nowMs + promptHoldMs;
    this.#parts.ask(prompt, this.#nowMs);
  }
}

function obey(watcher: Watcher, command: VisionCommand): void {
  if (command.type !== "challenge") return;
  const { type: _, trackId, ...step } = command;
  watcher.challenge(trackId, step);
}
