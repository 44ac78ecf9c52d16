/** What one step of the demo came to (contract: `{name, ok, detail, ms}`). */
export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
}

/** Where lines go, and whether colours and redrawing make sense there. */
export interface Terminal {
  write(text: string): void;
  readonly isTerminal: boolean;
}

const colours = { dim: "2", green: "32", red: "31", yellow: "33", bold: "1" } as const;

/** Prints a readable story with times, as it happens. */
export class Timeline {
  readonly #terminal: Terminal;
  readonly #nowMs: () => number;
  readonly #startMs: number;

  constructor(terminal: Terminal, nowMs: () => number) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  heading(text: string): void {
    this.#terminal.write(`\n${this.#paint("bold", text)}\n`);
  }

  /** Something happened: seconds since the start, who, what. */
  note(who: string, text: string): void {
    const seconds = ((this.#nowMs() - this.#startMs) / 1000).toFixed(1).padStart(6);
    this.#terminal.write(`${this.#paint("dim", `${seconds} s`)}  ${who.padEnd(9)}  ${text}\n`);
  }

  step(result: StepResult): void {
    const mark = result.ok ? this.#paint("green", "  ✔") : this.#paint("red", "  ✘");
    this.#terminal.write(
      `${mark} ${result.name} ${this.#paint("dim", `(${(result.ms / 1000).toFixed(1)} s)`)} ${result.detail}\n`,
    );
  }

  summary(results: readonly StepResult[]): void {
    this.heading("Summary");
    const width = Math.max(...results.map(({ name }) => name.length));
    for (const { name, ok, detail, ms } of results) {
      const mark = ok ? this.#paint("green", "✔") : this.#paint("red", "✘");
      this.#terminal.write(`  ${mark} ${name.padEnd(width)}  ${(ms / 1000).toFixed(1).padStart(5)} s  ${detail}\n`);
    }
    const failed = results.filter(({ ok }) => !ok).length;
    const text =
      failed === 0
        ? `All ${results.length} steps did what they should.`
        : `${failed} of ${results.length} steps failed.`;
    this.#terminal.write(`\n  ${this.#paint(failed === 0 ? "green" : "red", text)}\n`);
  }

  #paint(colour: keyof typeof colours, text: string): string {
    return this.#terminal.isTerminal ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;
  }
}
