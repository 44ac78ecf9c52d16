import { defineConfig } from "vitest/config";

const suite = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

/**
 * unit: from src, pure. integration: real broker, database, networks. e2e: spawned processes from dist. data: needs shared/.
 * hardware: boots an emulated board (npm run test:hardware); board: what runs on it.
 */
export default defineConfig({
  test: {
    // Two cores are two workers: by itself it leaves one of them to the terminal.
    maxWorkers: "100%",
    projects: [
      // Pure code without state of its own: the files of a worker share what they import.
      suite("unit", { testTimeout: 5_000, pool: "threads", isolate: false }),
      suite("integration", { testTimeout: 30_000, hookTimeout: 60_000 }),
      // Real processes against real clocks on machines that others use too: one that fails is run once more, and said so.
      suite("e2e", { testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false, retry: 1 }),
      suite("hardware", { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false, retry: 1 }),
      suite("board", { testTimeout: 180_000, hookTimeout: 60_000, fileParallelism: false }),
      suite("data", { testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
