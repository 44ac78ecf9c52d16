import { describeComputeDevice } from "../../../support/compute-contract.ts";
import { recordSampleRuns } from "../../../support/recorded-runs.ts";
import { useSoftwareVulkan } from "../../../support/software-vulkan.ts";

// Seconds an inference in software.
const runs = () => recordSampleRuns(["sample2.jpg"]);
await useSoftwareVulkan();
await describeComputeDevice({ engine: "tfjs", device: "webgpu", networks: ["facemesh", "dlib"], runs });
