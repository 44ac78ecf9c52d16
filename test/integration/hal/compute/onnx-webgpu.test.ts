import { describeComputeDevice } from "../../../support/compute-contract.ts";
import { recordSampleRuns } from "../../../support/recorded-runs.ts";
import { useSoftwareVulkan } from "../../../support/software-vulkan.ts";

// Seconds an inference in software: the smallest network, and the one whose form for x64 this device computes wrongly.
const runs = () => recordSampleRuns(["sample2.jpg"]);
await useSoftwareVulkan();
await describeComputeDevice({ engine: "onnx", device: "webgpu", networks: ["facemesh", "dlib"], runs });
