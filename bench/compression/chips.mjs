// Inputs of the embedder: calibration chips from what comes with the packages, and chips of labelled photographs to judge by.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Embedder } from "../../dist/pipeline/embed.js";
import { regionOfDetection, regionOfMesh } from "../../dist/pipeline/landmarks.js";
import { faceReader, loadCast } from "../../dist/simulation/cast.js";
import { renderScene, Scene } from "../../dist/simulation/scene.js";
import { decodePhoto } from "../../dist/vision/decode-photo.js";
import { cacheDirectory, silentLogger } from "../lib/setting.mjs";

/** A network that keeps what it is given. */
function catcher(contract) {
  const { width, height } = contract.input;
  const caught = { input: null };
  const network = {
    ...{ inputLayout: "nchw", inputWidth: width, inputHeight: height },
    run: async (input) => {
      caught.input = Float32Array.from(input);
      return { embedding: new Float32Array(128) };
    },
  };
  return { caught, embedder: new Embedder("dlib", network) };
}

async function chipOf(image, { networks, contract }) {
  const [face] = await networks.detector.detectWithCure(image);
  if (!face) return null;
  const first = await networks.landmarks.find(image, regionOfDetection(face));
  const { caught, embedder } = catcher(contract);
  await embedder.embed(image, await networks.landmarks.find(image, regionOfMesh(first)));
  return caught.input;
}

/** Everybody of the cast, walking up and turning: made pictures of the sample photographs, at several distances. */
export async function calibrationChips(setting) {
  const openReader = async () => faceReader(setting.networks.detector, setting.networks.landmarks);
  const cast = await loadCast({ cacheDirectory, openReader, logger: silentLogger });
  const [width, height] = [640, 480];
  const chips = [];
  for (const name of cast.keys()) {
    const scene = new Scene(cast, { width, height, seed: chips.length + 1 });
    scene.add({ id: name, actor: name, as: "walker", enterMs: 0 });
    for (const atMs of [3000, 4000, 5200, 6500]) {
      const rgb = new Uint8Array(width * height * 3);
      renderScene(scene, atMs, rgb);
      const chip = await chipOf({ rgb, width, height }, setting);
      if (chip) chips.push(chip);
    }
  }
  return chips;
}

/** Labelled photographs beside the project: `DIR/set/person/picture`. */
export async function labelledChips(directory, sets, setting) {
  const found = [];
  for (const set of sets.filter((name) => existsSync(`${directory}/${name}`))) {
    for (const person of readdirSync(`${directory}/${set}`)) {
      for (const file of readdirSync(`${directory}/${set}/${person}`)) {
        const decoded = await decodePhoto(readFileSync(`${directory}/${set}/${person}/${file}`));
        const chip = decoded.image ? await chipOf(decoded.image, setting) : null;
        if (chip) found.push({ set, person: `${set}/${person}`, chip });
      }
    }
  }
  return found;
}
