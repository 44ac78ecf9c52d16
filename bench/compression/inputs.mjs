// What the networks are given when the pipeline looks at pictures: the simulated cast, and labelled photographs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { FaceAnalyser } from "../../dist/pipeline/face-analyser.js";
import { faceReader, loadCast } from "../../dist/simulation/cast.js";
import { renderScene, Scene } from "../../dist/simulation/scene.js";
import { decodePhoto } from "../../dist/vision/decode-photo.js";
import { openPhotoNetworks } from "../../dist/vision/networks.js";
import { cacheDirectory, silentLogger } from "../lib/setting.mjs";

/** The engine with ears: `heard` has copies of what each network was given since it was last emptied. */
export async function listen(engine) {
  const heard = new Map(["blazeface", "facemesh", "dlib", "faceres"].map((name) => [name, []]));
  const open = async (name) => {
    const network = await engine.open(name);
    const { inputLayout, inputWidth, inputHeight } = network;
    const run = (input) => {
      heard.get(name).push(Float32Array.from(input));
      return network.run(input);
    };
    return { inputLayout, inputWidth, inputHeight, run };
  };
  const networks = await openPhotoNetworks({ name: engine.name, device: engine.device, open, close: async () => {} });
  const { detector, landmarks, embedder, secondEmbedder } = networks;
  const analysers = [embedder, secondEmbedder].map(
    (each) => new FaceAnalyser({ detector, landmarks, embedders: [each] }),
  );
  /** The fast path with one embedder after the other; says whether there was a face. */
  const look = async (image) => {
    let isFound = false;
    for (const analyser of analysers) isFound = (await analyser.analyseFast(image)) !== undefined;
    return isFound;
  };
  const forget = () => {
    for (const inputs of heard.values()) inputs.length = 0;
  };
  return { networks, heard, look, forget };
}

/** Everybody of the cast, walking up and turning: made pictures of the sample photographs, at several distances. */
export async function castPictures({ detector, landmarks }) {
  const openReader = async () => faceReader(detector, landmarks);
  const cast = await loadCast({ cacheDirectory, openReader, logger: silentLogger });
  const [width, height] = [640, 480];
  const pictures = [];
  let seed = 0;
  for (const name of cast.keys()) {
    seed += 1;
    const scene = new Scene(cast, { width, height, seed });
    scene.add({ id: name, actor: name, as: "walker", enterMs: 0 });
    for (const atMs of [3000, 4000, 5200, 6500]) {
      const rgb = new Uint8Array(width * height * 3);
      renderScene(scene, atMs, rgb);
      pictures.push({ rgb, width, height });
    }
  }
  return pictures;
}

/** Labelled photographs beside the project, one after another: `DIR/set/person/picture`. */
export async function* labelledPictures(directory, sets) {
  for (const set of sets.filter((name) => existsSync(`${directory}/${name}`))) {
    for (const person of readdirSync(`${directory}/${set}`)) {
      for (const file of readdirSync(`${directory}/${set}/${person}`)) {
        const decoded = await decodePhoto(readFileSync(`${directory}/${set}/${person}/${file}`));
        if (decoded.image) yield { set, person: `${set}/${person}`, image: decoded.image };
      }
    }
  }
}
