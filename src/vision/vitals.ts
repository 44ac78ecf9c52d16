/** How well the loop does: frame rate and delay over the last seconds. Bounded. */
export class Vitals {
  readonly #doneAtMs: number[] = [];
  readonly #latencyMs: number[] = [];
  #capturedAtMs: number | null = null;

  /** A frame was looked at from beginning to end. */
  frameDone(capturedAtMs: number, nowMs: number): void {
    this.#capturedAtMs = capturedAtMs;
    this.#doneAtMs.push(nowMs);
    this.#latencyMs.push(Math.max(0, nowMs - capturedAtMs));
    if (this.#latencyMs.length > maxLatencies) this.#latencyMs.shift();
    if (this.#doneAtMs.length > maxFrames) this.#doneAtMs.shift();
  }

  cameraLost(): void {
    this.#capturedAtMs = null;
    this.#doneAtMs.length = 0;
    this.#latencyMs.length = 0;
  }

  report(nowMs: number): {
    fps: number;
    frameAgeMs: number | null;
    latencyMs: { p50: number; p95: number } | null;
  } {
    const recent = this.#doneAtMs.filter((atMs) => nowMs - atMs <= windowMs);
    const sorted = [...this.#latencyMs].sort((p, q) => p - q);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      fps: recent.length / (windowMs / 1000),
      frameAgeMs: this.#capturedAtMs === null ? null : Math.max(0, nowMs - this.#capturedAtMs),
      latencyMs: sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95) },
    };
  }
}

const windowMs = 2000;
const maxLatencies = 100;
const maxFrames = 500;
