import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { FindingJob } from "./finding-job.ts";
import { unpackSite } from "./packed-site.ts";
import { siteFinding } from "./site-finding.ts";

/** The body of a `FindingThread`: one gallery, one finding. */
const { site, settings } = workerData as FindingJob;
// Linux takes this for the thread alone: the door goes first.
if (process.platform === "linux") setPriority(10);
const finding = siteFinding(unpackSite(site), settings);
site.vectors.fill(0);
parentPort?.postMessage(finding);
