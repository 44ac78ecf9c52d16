import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";

/** What every camera driver is given beside its configuration. */
export interface CameraDeps {
  readonly logger: Logger;
  readonly clock: Clock;
}
