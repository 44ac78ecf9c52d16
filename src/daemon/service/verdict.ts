/** What the daemon's parts said of themselves; all times are monotonic milliseconds. */
export interface Vitals {
  readonly guard: {
    readonly isUp: boolean;
    /** When it last said how it reads the relay; null: not yet. */
    readonly readBackMs: number | null;
    /** When the present guard was started. */
    readonly sinceMs: number;
  };
  readonly vision: {
    readonly isUp: boolean;
    readonly isReady: boolean;
    /** When it last said anything; null: not yet. */
    readonly heardMs: number | null;
    readonly sinceMs: number;
    readonly camera: "ok" | "lost" | "unknown";
    /** When the newest frame was taken that vision has looked at; null: none yet, or none since the camera was lost. */
    readonly frameMs: number | null;
    /** Nothing moves in the picture. */
    readonly isIdle: boolean;
  };
}

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The guard is asked every second, and replaced by its supervisor after three. */
const readBackWithinMs = 6_000;
const guardStartMs = 12_000;
/** Vision speaks twice a second, and is replaced by its supervisor after five. */
const heardWithinMs = 8_000;
const visionStartMs = 65_000;
const frameWithinMs = 5_000;

/**
 * Whether the daemon works, in the eyes of the service manager's watchdog: the relay was read back, vision is heard, the
 * camera delivers or is known not to. **A part that is known to be down counts as looked after**: its supervisor starts it again,
 * it is in the log, in the health and on the operations page, and ending the whole daemon would mend neither a torn cable nor a missing
 * chip. What fails the verdict is a part that should speak, does not, and that nobody has noticed: then only a fresh start helps. Pure.
 */
export function judge({ guard, vision }: Vitals, nowMs: number): Verdict {
  if (guard.isUp) {
    const dueMs = Math.max((guard.readBackMs ?? 0) + readBackWithinMs, guard.sinceMs + guardStartMs);
    if (nowMs > dueMs) return { ok: false, reason: "the relay was not read back" };
  }
  if (!vision.isUp) return { ok: true };
  const heardDueMs = Math.max(
    (vision.heardMs ?? 0) + heardWithinMs,
    vision.isReady ? 0 : vision.sinceMs + visionStartMs,
  );
  if (nowMs > heardDueMs) return { ok: false, reason: "vision is silent" };
  const isFrameDue = vision.camera === "ok" && !vision.isIdle && vision.frameMs !== null;
  if (isFrameDue && nowMs - (vision.frameMs ?? nowMs) > frameWithinMs) {
    return { ok: false, reason: "the camera is said to be well, and there is no fresh frame" };
  }
  return { ok: true };
}

/** The one line that `systemctl status` shows. */
export function statusLine({ guard, vision }: Vitals, lock: string): string {
  const eyes = !vision.isUp ? "vision is down" : !vision.isReady ? "vision is starting" : `camera ${vision.camera}`;
  return guard.isUp ? `door ${lock}, ${eyes}` : `no relay guard, ${eyes}`;
}
