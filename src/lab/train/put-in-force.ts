import type { TrainedStore } from "../../daemon/people/trained-store.ts";
import type { TrialResult } from "./trial.ts";

/**
 * Puts a tried model in force at a door if, and only if, its trial says that it is better; gives its SHA-256, or null when everything
 * stays as it is.
 */
export async function putInForce(
  store: Pick<TrainedStore, "activate">,
  { model, trial }: TrialResult,
  counted: { readonly people: number; readonly pictures: number },
): Promise<string | null> {
  if (!trial.isBetter) return null;
  return store.activate(model, { madeAt: new Date().toISOString(), ...counted, trial: trial.says });
}
