import type { Clock } from "../../core/clock.ts";
import type { Timers } from "../../core/timers.ts";
import type { VisionCommand } from "../../vision/protocol.ts";
import type { EventLog } from "../api.ts";
import type { AimPicture } from "../vision-link.ts";

export interface AimParts {
  readonly events: Pick<EventLog, "append">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly timers: Timers;
  command(command: VisionCommand): void;
}

/** One look may last this long; then it has to be asked for again, and is on record again. */
export const maxAimMs = 10 * 60 * 1000;
/** Vision is asked again and again: when nobody does any more, it stops by itself. */
const renewMs = 1000;
const graceMs = 2500;

/**
 * The live picture for whoever sets the camera up: only while somebody with the token looks, ten minutes at most, each look
 * on record, nothing kept.
 */
export class Aim {
  readonly #parts: AimParts;
  readonly #viewers = new Set<(picture: AimPicture) => void>();
  #cancelRenewal: () => void = () => {};

  constructor(parts: AimParts) {
    this.#parts = parts;
  }

  /** Begins to look; what it returns ends it. `onEnd` is called when time is up. */
  look(by: string, viewer: { onPicture(picture: AimPicture): void; onEnd(): void }): () => void {
    const { events, timers } = this.#parts;
    events.append("updated", { changed: ["aim"], seconds: maxAimMs / 1000, by });
    const onPicture = (picture: AimPicture) => viewer.onPicture(picture);
    const cancel = timers.after(maxAimMs, () => {
      end();
      viewer.onEnd();
    });
    const end = () => {
      cancel();
      this.#viewers.delete(onPicture);
      if (this.#viewers.size === 0) this.#cancelRenewal();
    };
    this.#viewers.add(onPicture);
    if (this.#viewers.size === 1) this.#renew();
    return end;
  }

  /** From vision; a picture that nobody looks at is dropped. */
  show(picture: AimPicture): void {
    for (const onPicture of this.#viewers) onPicture(picture);
  }

  stop(): void {
    this.#cancelRenewal();
    this.#viewers.clear();
  }

  // --- internal ---

  #renew(): void {
    const { clock, timers, command } = this.#parts;
    command({ type: "aim", untilMs: clock.nowMs() + graceMs });
    this.#cancelRenewal = timers.after(renewMs, () => this.#renew());
  }
}
