import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import { unguessable } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { VisionCommand } from "../../vision/protocol.ts";
import type { Acknowledgement } from "../api.ts";
import type { LintelConfig } from "../config/schema.ts";
import { Challenges, type ChallengesParts } from "./challenges.ts";
import { Screens } from "./screens.ts";

/** What the pages of the door display tell the control plane. */
export interface DoorDesk {
  /** A page is connected; the returned function says that it has gone. */
  join(): () => void;
  /** A page has painted a step of a challenge. False for anything but the first acknowledgement of the step that is shown. */
  acknowledge(given: Acknowledgement): boolean;
}

export interface OpenChallenge {
  /** Undefined at the levels that ask for none. */
  readonly challenges: Challenges | undefined;
  readonly desk: DoorDesk;
  /** Safe to call twice. */
  stop(): void;
}

/** The challenges of this door, at the levels that have them. */
export function openChallenge(
  { config, clock, timers, logger }: { config: LintelConfig; clock: Clock; timers: Timers; logger: Logger },
  parts: Pick<ChallengesParts, "board"> & { command(command: VisionCommand): void },
): OpenChallenge {
  const { level, withoutDisplay, colouredLight } = config.liveness;
  const screens = new Screens();
  const join = () => screens.join();
  if (level !== "active" && level !== "strict") {
    return { challenges: undefined, desk: { join, acknowledge: () => false }, stop: () => {} };
  }
  const challenges = new Challenges({
    ...{ ...parts, level, withoutDisplay, colouredLight, screens, clock, timers, random: unguessable },
    logger: logger.child({ component: "challenge" }),
  });
  return {
    challenges,
    desk: { join, acknowledge: (given) => challenges.acknowledge(given) },
    stop: () => challenges.stop(),
  };
}
