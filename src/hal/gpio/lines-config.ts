import { z } from "zod";
import type { InputLine, OutputLine } from "../api.ts";

/**
 * Which lines a door has, in the same words for every driver. What stands behind a name (an offset, a chip and a label)
 * is the driver's; the polarity is `activeLow`, and drivers deal in logical levels only. **Active is the noteworthy
 * side**: strike energised (door free), alarm sounding, contact: door open, button pressed, tamper: housing open. Wire
 * contact and tamper as loops that are closed at rest with a pull-up, so that a cut wire reads as open.
 */
export function lineMaps<Line extends z.ZodType>(line: Line) {
  return {
    outputs: z
      .strictObject({
        strike: line.describe("The relay of the door strike; active = the door can be opened."),
        alarm: line.optional().describe("Sounder or light; active = alarm."),
      })
      .describe("Output lines."),
    inputs: z
      .strictObject({
        contact: line.optional().describe("Door contact; active = the door is open."),
        requestToExit: line.optional().describe("Request-to-exit button; active = pressed."),
        tamper: line.optional().describe("Tamper switch; active = the housing is open."),
      })
      .prefault({})
      .describe("Input lines; leave out what is not wired."),
  };
}

/** What a driver needs to know of one line; extended by each driver. */
export interface LineMaps<Line> {
  readonly outputs: { readonly strike: Line; readonly alarm?: Line | undefined };
  readonly inputs: {
    readonly contact?: Line | undefined;
    readonly requestToExit?: Line | undefined;
    readonly tamper?: Line | undefined;
  };
}

/** The configured lines as pairs, outputs first, the strike before all others. */
export function configuredLines<Line>(maps: LineMaps<Line>): {
  outputs: readonly (readonly [OutputLine, Line])[];
  inputs: readonly (readonly [InputLine, Line])[];
} {
  const outputs: [OutputLine, Line][] = [["strike", maps.outputs.strike]];
  if (maps.outputs.alarm !== undefined) outputs.push(["alarm", maps.outputs.alarm]);
  const inputs: [InputLine, Line][] = [];
  for (const name of ["contact", "requestToExit", "tamper"] as const) {
    const line = maps.inputs[name];
    if (line !== undefined) inputs.push([name, line]);
  }
  return { outputs, inputs };
}
