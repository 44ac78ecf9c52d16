import type { VitalSample } from "./judge/growth.ts";
import { openFiles, residentMb } from "./process-table.ts";

export interface Life {
  readonly kind: string;
  readonly pid: number;
  readonly samples: VitalSample[];
}

const everyMs = 2000;

/** Looks at memory and open files of every process, as long as each of them lives. */
export class Vitals {
  readonly #processes: () => readonly { readonly kind: string; readonly pid: number }[];
  readonly #lives = new Map<string, Life>();
  #timer: NodeJS.Timeout | undefined;

  constructor(processes: () => readonly { readonly kind: string; readonly pid: number }[]) {
    this.#processes = processes;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get lives(): readonly Life[] {
    return [...this.#lives.values()];
  }

  // --- internal ---

  #look(): void {
    for (const { kind, pid } of this.#processes()) {
      const sample = sampleOf(pid);
      if (!sample) continue;
      const key = `${kind}-${pid}`;
      const life = this.#lives.get(key) ?? { kind, pid, samples: [] };
      this.#lives.set(key, life);
      life.samples.push(sample);
    }
  }
}

// --- internal ---

/** By the machine's own time: that is what memory grows with. Undefined for a process that has just ended. */
function sampleOf(pid: number): VitalSample | undefined {
  try {
    const files = openFiles(pid);
    const resident = residentMb(pid);
    if (files === undefined || !Number.isFinite(resident)) return undefined;
    return { atMs: performance.now(), residentMb: resident, files };
  } catch {
    return undefined;
  }
}
