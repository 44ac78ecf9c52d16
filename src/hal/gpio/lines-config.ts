import { z } from "zod";
import { type InputLine, type OutputLine, type SignalLine, signalLines } from "../api.ts";

/** Longer would eat into the 400 ms within which an input must be noticed (IEC 60839-11-1). */
export const maxDebounceMs = 200;
const defaultDebounceMs = 50;
const inputNames = ["contact", "requestToExit", "tamper"] as const satisfies readonly InputLine[];

/**
 * Which lines a door has, in the same words for every driver. What stands behind a name (an offset, a chip and a label)
 * is the driver's; the polarity is `activeLow`, and drivers deal in logical levels only. **Active is the noteworthy
 * side**: strike energised (door free), alarm sounding, contact: door open, button pressed, tamper: housing open. Wire
 * contact and tamper as loops that are closed at rest with a pull-up, so that a cut wire reads as open.
 */
export function lineMaps<Output extends z.ZodRawShape, Input extends z.ZodRawShape>(
  line: z.ZodObject<Output, z.core.$strict>,
  inputLine: z.ZodObject<Input, z.core.$strict>,
) {
  const input = z.strictObject({
    ...inputLine.shape,
    debounceMs: z
      .int()
      .min(0)
      .max(maxDebounceMs)
      .default(defaultDebounceMs)
      .describe("A change counts once the contacts have come to rest for this long, in ms."),
  });
  return {
    outputs: z
      .strictObject({
        strike: line.describe("The relay of the door strike; active = the door can be opened."),
        alarm: line.optional().describe("Siren or beacon; active = alarm."),
        greenLight: line.optional().describe("Light beside the door; active = lit: come in."),
        redLight: line.optional().describe("Light beside the door; active = lit: refused, or close the door."),
        buzzer: line.optional().describe("Small sounder beside the door; active = sounding."),
      })
      .describe("Output lines."),
    inputs: z
      .strictObject({
        contact: input.optional().describe("Door contact; active = the door is open."),
        requestToExit: input.optional().describe("Request-to-exit button; active = pressed."),
        tamper: input.optional().describe("Tamper switch; active = the housing is open."),
      })
      .prefault({})
      .describe("Input lines; leave out what is not wired."),
  };
}

/** What a driver needs to know of one line; extended by each driver. */
export interface LineMaps<Line, Input = Line> {
  readonly outputs: { readonly strike: Line } & { readonly [Name in SignalLine]?: Line | undefined };
  readonly inputs: { readonly [Name in InputLine]?: (Input & { readonly debounceMs: number }) | undefined };
}

/** The configured lines as pairs, outputs first, the strike before all others. */
export function configuredLines<Line, Input = Line>(
  maps: LineMaps<Line, Input>,
): {
  outputs: readonly (readonly [OutputLine, Line])[];
  inputs: readonly (readonly [InputLine, Input & { readonly debounceMs: number }])[];
} {
  const outputs: [OutputLine, Line][] = [["strike", maps.outputs.strike]];
  for (const name of signalLines) {
    const line = maps.outputs[name];
    if (line !== undefined) outputs.push([name, line]);
  }
  const inputs: [InputLine, Input & { readonly debounceMs: number }][] = [];
  for (const name of inputNames) {
    const line = maps.inputs[name];
    if (line !== undefined) inputs.push([name, line]);
  }
  return { outputs, inputs };
}
