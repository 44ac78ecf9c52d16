import { describeComputeDevice } from "../../../support/compute-contract.ts";
import { recordSampleRuns } from "../../../support/recorded-runs.ts";

// Once for all devices.
const recorded = recordSampleRuns(["sample1.jpg", "sample2.jpg", "sample3.jpg"]);
const runs = () => recorded;
const all = ["facemesh", "dlib", "blazeface", "faceres"] as const;

await describeComputeDevice({ engine: "onnx", device: "cpu", networks: all, runs, faces: 6 });
await describeComputeDevice({ engine: "tfjs", device: "wasm", networks: all, runs, faces: 6 });
await describeComputeDevice({ engine: "onnx", device: "cuda", networks: all, runs, faces: 6 });
await describeComputeDevice({ engine: "onnx", device: "tensorrt", networks: all, runs, faces: 6 });
await describeComputeDevice({ engine: "tfjs", device: "node-gpu", networks: all, runs, faces: 6 });
