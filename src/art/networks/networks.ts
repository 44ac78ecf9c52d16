import type { FeatureNetworks } from "./feature-network.ts";
import { loadMobilenet } from "./mobilenet.ts";
import { loadVgg19 } from "./vgg19.ts";

/** The feature networks of this installation: MobileNet always, VGG-19 when an operator has added it to the model store. */
export function createFeatureNetworks(options: { cacheDirectory: string }): FeatureNetworks {
  return {
    load: (name) => (name === "mobilenet" ? loadMobilenet() : loadVgg19(options.cacheDirectory)),
  };
}
