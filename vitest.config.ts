import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const suite = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

/**
 * Whole programs whose tests wait for what happens and judge no clock: two of them go at a time. The others have the machine to
 * themselves, and so has whatever is new until somebody has seen that it may stand here.
 */
const sideBySide = [
  ...["art", "backup-cli", "challenge-door", "command-line", "compute", "daemon-access", "daemon-calibration"],
  ...["daemon-home-assistant", "daemon-mqtt", "daemon-people", "daemon-start", "daemon-visits", "demo", "doctor"],
  ...["door-modes", "enrolment", "events-cli", "fleet", "liveness-fit", "lobby", "mqtt-manual", "npm-package"],
  ...["operations-page", "pages", "service-manager", "signed-door", "soak", "train", "train-made-people"],
].map((name) => `test/e2e/${name}.test.ts`);

/** A door with a clock among files that only compute. */
const strictDoor = "test/data/strict-door.test.ts";

/** Begun first, so that no worker is left with one of them when the other has nothing more to do. */
const longest = /(soak|train-made-people|demo|daemon-access|recognition|rehearsed-challenge)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const patience = { testTimeout: 60_000, hookTimeout: 120_000, retry: 1 };

/**
 * unit: from src, pure. integration: real broker, database, networks. e2e: spawned processes from dist. data: needs shared/.
 * hardware: boots an emulated board (npm run test:hardware); board: what runs on it.
 */
export default defineConfig({
  test: {
    // Two cores are two workers: by itself it leaves one of them to the terminal.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    projects: [
      // Pure code without state of its own: the files of a worker share what they import.
      suite("unit", { testTimeout: 5_000, pool: "threads", isolate: false }),
      suite("integration", { testTimeout: 30_000, hookTimeout: 60_000 }),
      // Real processes against real clocks on machines that others use too: one that fails is run once more, and said so.
      suite("e2e", { ...patience, exclude: sideBySide, fileParallelism: false }),
      suite("e2e", { ...patience, name: "e2e-side-by-side", include: sideBySide }),
      suite("hardware", { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false, retry: 1 }),
      suite("board", { testTimeout: 180_000, hookTimeout: 60_000, fileParallelism: false }),
      suite("data", { testTimeout: 300_000, hookTimeout: 120_000, exclude: [strictDoor] }),
      suite("data", { ...patience, name: "data-door", include: [strictDoor], fileParallelism: false }),
    ],
  },
});
