// The same weights in TensorFlow.js, and another library's whole way from pixels to a descriptor, on the same picture.
import { catalogue, networkNames } from "../../dist/models/catalogue.js";
import { FaceAnalyser } from "../../dist/pipeline/face-analyser.js";
import { euclidean } from "../../dist/pipeline/matching/matrix.js";
import { versionOf } from "../lib/machine.mjs";
import { openPeer, peersMissing } from "../lib/peer.mjs";
import { inputsFor, openSetting } from "../lib/setting.mjs";
import { inTurn, median, ratio } from "../lib/stats.mjs";
import { ms, times } from "../lib/table.mjs";

const title = "Against the libraries that ship the weights";
const columns = ["what", "n", "ours, p50 ms", "peer, p50 ms", "peer / ours", "same answer?", "budget", ""];
/** How many times faster than a peer's whole way ours is to be. */
const leastTimes = 8;

export async function peers({ runs }) {
  const missing = peersMissing();
  if (missing) return { title, text: [missing], columns, rows: [] };
  const peer = await openPeer("face-api");
  const human = await openPeer("human");
  const setting = await openSetting();
  try {
    const rounds = Math.min(runs, 30);
    const rows = [];
    for (const name of networkNames) rows.push(await networkRow(name, { peer, setting, rounds }));
    const pipeline = await pipelineRows({ peers: { "face-api": peer, human }, setting, rounds });
    const { isSimd, isThreaded } = peer.about;
    return {
      title,
      text: [
        `Networks: the same weights on the same numbers, in TensorFlow.js 4.22 on its WebAssembly backend (SIMD ${yesNo(isSimd)}, threads ${yesNo(isThreaded)}; on Node it has no threads), which is how these libraries run on a processor without a native build. Ours: ONNX Runtime, one thread. Runs alternate; "peer / ours" is the median of the ratios of the rounds.`,
        "`same answer`: largest difference of two outputs, as a part of the largest number in them.",
        `Whole way: @vladmandic/face-api ${versionOf("@vladmandic/face-api")}, \`detectSingleFace().withFaceLandmarks().withFaceDescriptor()\` on one frame of 640x480, against our fast path on that frame. Both end in the same network (dlib's, 128 numbers); detector and landmarks are each one's own. \`same answer\`: Euclidean distance of the two descriptors, which are cut out differently (one person's lie below about 0.45).`,
        `Human ${versionOf("@vladmandic/human")}, with face detector, mesh and description and all else turned off, against our fast path with the descriptor that it ends in (faceres, 1024 numbers): there detector and landmarks are the same networks too.`,
      ],
      columns,
      rows: [...rows, ...pipeline],
    };
  } finally {
    peer.close();
    human.close();
    await setting.engine.close();
  }
}

async function networkRow(name, { peer, setting, rounds }) {
  const contract = catalogue[name];
  const { recipe, input } = contract;
  const { planes, interleaved, pixels } = inputsFor(contract, setting.frame);
  const network = await setting.engine.open(name);
  if (recipe.kind === "dlib-weights") await peer.ask("loadDlib", { name });
  else await peer.ask("loadGraph", { name, file: recipe.graph, outputs: Object.values(recipe.outputs).flat() });
  const request = {
    name,
    input: recipe.kind === "dlib-weights" ? pixels : interleaved,
    shape: [1, input.height, input.width, 3],
  };
  let [mine, theirs] = [];
  const found = await inTurn(
    {
      ours: async () => {
        mine = await network.run(planes);
      },
      peer: async () => {
        const answer = await peer.ask("runNetwork", request);
        theirs = answer.values;
        return answer.ms;
      },
    },
    { rounds },
  );
  const difference = relativeDifference(
    Object.values(mine).flatMap((v) => Array.from(v)),
    theirs.flatMap((v) => Array.from(v)),
  );
  return row(`network ${name}, ${input.width}x${input.height}`, found, difference.toExponential(0));
}

/** Whole ways of the peers, and what of ours does the same stages: detector, landmarks, descriptor. */
const ways = [
  { label: "whole way, Human", library: "human", load: "loadHuman", run: "runHuman", embedder: "secondEmbedder" },
  {
    label: "whole way, face-api's default detector (SSD MobileNet)",
    ...{
      library: "face-api",
      load: "loadFaceApi",
      run: "runFaceApi",
      options: { detector: "ssd" },
      embedder: "embedder",
    },
  },
  {
    label: "whole way, face-api's smallest detector",
    ...{
      library: "face-api",
      load: "loadFaceApi",
      run: "runFaceApi",
      options: { detector: "tiny" },
      embedder: "embedder",
    },
  },
];

async function pipelineRows({ peers, setting, rounds }) {
  const { frame, networks } = setting;
  const { detector, landmarks } = networks;
  const rows = [];
  for (const { label, library, load, run, options, embedder } of ways) {
    const peer = peers[library];
    await peer.ask(load);
    const analyser = new FaceAnalyser({ detector, landmarks, embedders: [networks[embedder]] });
    const request = { rgb: frame.rgb, width: frame.width, height: frame.height, ...options };
    let [mine, theirs] = [];
    const ours = async () => {
      mine = (await analyser.analyseFast(frame)).embeddings[0].vector;
    };
    const theirWay = async () => {
      const answer = await peer.ask(run, request);
      if (!answer.descriptor) throw new Error("the peer found no face");
      theirs = answer.descriptor;
      return answer.ms;
    };
    const found = await inTurn({ ours, peer: theirWay }, { rounds: Math.min(rounds, 15) });
    rows.push(
      row(label, found, `distance ${euclidean(unit(mine, theirs), unit(theirs, mine)).toFixed(2)}`, leastTimes),
    );
  }
  return rows;
}

/** Descriptors of 1024 numbers are compared at length one. */
function unit(vector, other) {
  if (vector.length !== other.length) throw new Error("descriptors of different lengths");
  const length = vector.length === 1024 ? Math.hypot(...vector) : 1;
  return vector.map((value) => value / length);
}

function row(label, { ours, peer }, same, least) {
  const times_ = ratio(peer, ours);
  const kept = least === undefined ? ["-", ""] : [`${least}x`, times_ >= least ? "kept" : "MISSED"];
  return [label, String(ours.length), ms(median(ours)), ms(median(peer)), times(times_), same, ...kept];
}

function relativeDifference(a, b) {
  if (a.length !== b.length || a.length === 0) throw new Error(`outputs of ${a.length} and ${b.length} numbers`);
  let [gap, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    gap = Math.max(gap, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(a[i]));
  }
  return gap / largest;
}

const yesNo = (flag) => (flag ? "yes" : "no");
