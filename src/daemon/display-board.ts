import type { Clock } from "../core/clock.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import type { ChallengeAction } from "../pipeline/liveness/challenge/actions.ts";
import type { ChallengeShown, Display, DisplayState } from "./api.ts";

export const idleDisplay: DisplayState = { kind: "idle", title: "", detail: "", prompt: null };

const prompts: Record<NonNullable<DisplayState["prompt"]>, { title: string; detail: string }> = {
  turn: { title: "Please turn your head", detail: "Slowly to one side, then look at the camera again." },
  "come-closer": { title: "Please come closer", detail: "About an arm's length is right." },
  "step-back": { title: "Please step back a little", detail: "Your whole face should be in view." },
  "look-here": { title: "Please look here", detail: "Straight at the camera." },
  "more-light": { title: "The light is difficult", detail: "Please turn towards the light." },
  "hold-still": { title: "Please hold still", detail: "Just for a moment." },
  badge: { title: "Please show your badge", detail: "Hold it to the reader and stay in view." },
  "turn-left": { title: "Turn your head left", detail: "To your own left." },
  "turn-right": { title: "Turn your head right", detail: "To your own right." },
  "look-up": { title: "Look up", detail: "Raise your chin." },
  "blink-twice": { title: "Blink twice", detail: "Slowly, with both eyes." },
  "open-mouth": { title: "Open your mouth", detail: "Wide, for a moment." },
};

const showBadge = { ...prompts.badge, prompt: "badge" } as const;
const waits = {
  badge: showBadge,
  any: showBadge,
  presence: {
    title: "Please confirm that you are here",
    detail: "In the way you were told, and stay in view.",
    prompt: null,
  },
  company: { title: "Waiting for a second person", detail: "This door opens to two people together.", prompt: null },
  "other-doors": { title: "Please wait a moment", detail: "Another door has to be shut first.", prompt: null },
} as const;

const enrolmentWords: Partial<Record<NonNullable<DisplayState["prompt"]>, { title: string; detail: string }>> = {
  "look-here": { title: "Please look here", detail: "Straight at the camera, so that the door can get to know you." },
  "turn-left": { title: "A little to your left, please", detail: "Turn your head slowly, and not too far." },
  "turn-right": { title: "A little to your right, please", detail: "Turn your head slowly, and not too far." },
};

export const display = {
  prompt: (prompt: NonNullable<DisplayState["prompt"]>): DisplayState => ({
    kind: "prompt",
    ...prompts[prompt],
    prompt,
  }),
  /** One step of a challenge. */
  challenge: (action: ChallengeAction, challenge: ChallengeShown): DisplayState => ({
    ...display.prompt(action),
    challenge,
  }),
  /** A colour of a challenge. */
  light: (challenge: ChallengeShown): DisplayState => ({
    kind: "prompt",
    title: "Please hold still",
    detail: "Look at the camera while this screen changes its colour.",
    prompt: "hold-still",
    challenge,
  }),
  /** A challenge was not passed, and there will be another. */
  again: (): DisplayState => ({
    kind: "prompt",
    title: "Let us try that again",
    detail: "Please look at the camera.",
    prompt: "look-here",
  }),
  granted: (greeting: string): DisplayState => ({
    kind: "granted",
    title: greeting === "" ? "Welcome" : `Welcome, ${greeting}`,
    detail: "The door is open.",
    prompt: null,
  }),
  refused: (): DisplayState => ({ kind: "refused", title: "Please ring reception", detail: "", prompt: null }),
  /** What is asked of a recognised face besides. */
  waiting: (needs: keyof typeof waits): DisplayState => ({ kind: "prompt", ...waits[needs] }),
  /** A step of an enrolment: the picture of the prompt, with words for somebody who does this for the first time. */
  enrolling: (prompt: NonNullable<DisplayState["prompt"]>): DisplayState => ({
    kind: "prompt",
    ...prompts[prompt],
    ...enrolmentWords[prompt],
    prompt,
  }),
  onePersonPlease: (): DisplayState => ({
    kind: "prompt",
    title: "One person at a time, please",
    detail: "Only the person who is being enrolled should be in view.",
    prompt: null,
  }),
  enrolled: (): DisplayState => ({
    kind: "prompt",
    title: "Thank you, that was all",
    detail: "From now on this door knows you.",
    prompt: null,
  }),
  closed: (): DisplayState => ({
    kind: "closed",
    title: "This door is closed for now",
    detail: "Please ring reception.",
    prompt: null,
  }),
};

/** How much of a name a screen shows. */
export type GreetingStyle = "name" | "first-name" | "none";

/** How a person is called on the screens: a lobby is no place for more than its owner chose. */
export function greetingName(name: string, style: GreetingStyle): string {
  if (style === "none") return "";
  return style === "name" ? name : (name.split(/\s+/, 1)[0] ?? "");
}

/**
 * What the screen beside the door shows now. A message stays for its time and then gives way to idle; a greeting is not
 * pushed aside by prompts for the next person while it stands, nor a challenge by anything but a greeting.
 */
export class DisplayBoard implements Display {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #listeners = new Set<(state: DisplayState) => void>();
  #current = idleDisplay;
  #isBright = false;
  #untilMs = 0;
  #shownAtMs = 0;
  #cancel: () => void = () => {};

  constructor({ clock, timers = systemTimers }: { clock: Clock; timers?: Timers }) {
    this.#clock = clock;
    this.#timers = timers;
  }

  get current(): DisplayState {
    const shown: DisplayState = this.#isBright ? { ...this.#current, isBright: true } : this.#current;
    const { challenge } = shown;
    if (!challenge?.isRunning) return shown;
    const passedMs = this.#clock.nowMs() - this.#shownAtMs;
    return {
      ...shown,
      challenge: { ...challenge, remainingMs: Math.max(0, challenge.remainingMs - passedMs) },
    };
  }

  subscribe(listener: (state: DisplayState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(state: DisplayState, holdMs: number): void {
    const nowMs = this.#clock.nowMs();
    const isHeld = nowMs < this.#untilMs && state.kind !== "granted";
    if (isHeld && this.#current.kind === "granted") return;
    if (isHeld && this.#current.challenge && !state.challenge) return;
    this.#untilMs = nowMs + holdMs;
    this.#cancel();
    this.#cancel = this.#timers.after(holdMs, () => this.#set(idleDisplay));
    this.#set(state);
  }

  /** The challenge that is shown is over: gives way to what comes next. */
  endChallenge(): void {
    if (!this.#current.challenge) return;
    this.#cancel();
    this.#set(idleDisplay);
  }

  /** Makes the whole display a lamp, whatever it shows, or ends that. */
  brighten(isBright: boolean): void {
    if (this.#isBright === isBright) return;
    this.#isBright = isBright;
    this.#tell();
  }

  /** Stops timers and forgets listeners. */
  stop(): void {
    this.#cancel();
    this.#listeners.clear();
  }

  #set(state: DisplayState): void {
    const isSame =
      state.kind === this.#current.kind &&
      state.title === this.#current.title &&
      state.challenge?.nonce === this.#current.challenge?.nonce &&
      state.challenge?.isRunning === this.#current.challenge?.isRunning;
    this.#current = state;
    this.#shownAtMs = this.#clock.nowMs();
    if (!isSame) this.#tell();
  }

  #tell(): void {
    const { current } = this;
    for (const listener of this.#listeners) listener(current);
  }
}
