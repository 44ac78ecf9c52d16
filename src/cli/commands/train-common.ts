import { exitCode } from "../../core/errors.ts";
import { progressBar } from "../progress.ts";

/** What is going on, for logs too, where no bar is drawn. */
export function note(text: string): void {
  process.stderr.write(`lintel: ${text}\n`);
}

/** Said when Ctrl-C came before there was anything to keep. */
export function sayNothingLearnt(): void {
  note("broken off before anything was learnt: nothing was changed");
  process.exitCode = exitCode.no;
}

/** A bar over pictures, drawn once they have been counted. */
export function pictureBar(): { onProgress(done: number, total: number): void; stop(): void } {
  let bar: ReturnType<typeof progressBar> | undefined;
  let last = 0;
  return {
    onProgress: (done, total) => {
      if (!bar) {
        note(`reading ${total} pictures`);
        bar = progressBar(total, "pictures");
      }
      bar.add(done - last);
      last = done;
    },
    stop: () => bar?.stop(),
  };
}
