import { silentLogger } from "../../core/logger.ts";
import { actorNamed, enrolmentPhoto, loadCast } from "../../simulation/cast.ts";

/** Who plays whom. Faces far apart from each other, so that the story does not hang on a resemblance. */
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
    alice: "sample1-0",
    bob: "sample2-0",
    strangers: ["sample3-0", "sample4-0"],
    photoOf: (actor) => enrolmentPhoto(actorNamed(cast, actor)),
  };
}
