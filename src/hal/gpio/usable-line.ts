import { LintelError } from "../../core/errors.ts";
import type { InputLine, OutputLine } from "../api.ts";

/** What a driver holds of a line. `ended`: why nothing may be asked any more, or null. Throws `LINTEL_E_GPIO` when it holds nothing. */
export function usableLine<Held>(line: OutputLine | InputLine, held: Held | undefined, ended: string | null): Held {
  if (ended !== null) throw new LintelError("LINTEL_E_GPIO", `the lines are ${ended}`);
  if (held !== undefined) return held;
  const hint = "set it under gpio.outputs or gpio.inputs";
  throw new LintelError("LINTEL_E_GPIO", `line ${line} is not configured`, { hint });
}
