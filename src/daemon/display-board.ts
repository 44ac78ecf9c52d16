import type { Clock } from "../core/clock.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import type { Display, DisplayState } from "./api.ts";

export const idleDisplay: DisplayState = { kind: "idle", title: "", detail: "", prompt: null };

const prompts: Record<NonNullable<DisplayState["prompt"]>, { title: string; detail: string }> = {
  turn: { title: "Please turn your head", detail: "Slowly to one side, then look at the camera again." },
  "come-closer": { title: "Please come closer", detail: "About an arm's length is right." },
  "step-back": { title: "Please step back a little", detail: "Your whole face should be in view." },
  "look-here": { title: "Please look here", detail: "Straight at the camera." },
  "more-light": { title: "The light is difficult", detail: "Please turn towards the light." },
  "hold-still": { title: "Please hold still", detail: "Just for a moment." },
  badge: { title: "Please show your badge", detail: "Hold it to the reader and stay in view." },
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

export const display = {
  prompt: (prompt: NonNullable<DisplayState["prompt"]>): DisplayState => ({
    kind: "prompt",
    ...prompts[prompt],
    prompt,
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
  closed: (): DisplayState => ({
    kind: "closed",
    title: "This door is closed for now",
    detail: "Please ring reception.",
    prompt: null,
  }),
};

/** How a person is called on the screens: a lobby is no place for more than its owner chose. */
export function greetingName(name: string, style: "name" | "first-name" | "none"): string {
  if (style === "none") return "";
  return style === "name" ? name : (name.split(/\s+/, 1)[0] ?? "");
}

/**
 * What the screen beside the door shows now. A message stays for its time and then gives way to idle; a greeting is not
 * pushed aside by prompts for the next person while it stands.
 */
export class DisplayBoard implements Display {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #listeners = new Set<(state: DisplayState) => void>();
  #current = idleDisplay;
  #untilMs = 0;
  #cancel: () => void = () => {};

  constructor({ clock, timers = systemTimers }: { clock: Clock; timers?: Timers }) {
    this.#clock = clock;
    this.#timers = timers;
  }

  get current(): DisplayState {
    return this.#current;
  }

  subscribe(listener: (state: DisplayState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(state: DisplayState, holdMs: number): void {
    const nowMs = this.#clock.nowMs();
    const isHeld = this.#current.kind === "granted" && nowMs < this.#untilMs;
    if (isHeld && state.kind !== "granted") return;
    this.#untilMs = nowMs + holdMs;
    this.#cancel();
    this.#cancel = this.#timers.after(holdMs, () => this.#set(idleDisplay));
    this.#set(state);
  }

  /** Stops timers and forgets listeners. */
  stop(): void {
    this.#cancel();
    this.#listeners.clear();
  }

  #set(state: DisplayState): void {
    const isSame = state.kind === this.#current.kind && state.title === this.#current.title;
    this.#current = state;
    if (!isSame) for (const listener of this.#listeners) listener(state);
  }
}
