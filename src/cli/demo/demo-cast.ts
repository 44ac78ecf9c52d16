import { silentLogger } from "../../core/logger.ts";
import { actorNamed, enrolmentPhoto, loadCast } from "../../simulation/cast.ts";
import { roles } from "../../simulation/roles.ts";

/** Who plays whom. */
export interface Cast {
  readonly alice: string;
  readonly bob: string;
  readonly strangers: readonly [string, string];
  /** A portrait to enrol an actor from. */
  photoOf(actor: string): Promise<Uint8Array>;
}

export async function demoCast(cacheDirectory: string): Promise<Cast> {
  const cast = await loadCast({
    cacheDirectory,
    // The world has measured everybody already and keeps what it found beside the networks.
    openReader: () => Promise.reject(new Error("the simulated world has not measured the cast")),
    logger: silentLogger,
  });
  return {
    alice: roles.enrolled,
    bob: roles.newcomer,
    strangers: [roles.strangers[0], roles.strangers[1]],
    photoOf: (actor) => enrolmentPhoto(actorNamed(cast, actor)),
  };
}
