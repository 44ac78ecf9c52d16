import { defineConfig } from "vitest/config";

/** What runs on the emulated board: slow, so that the times are generous. */
export default defineConfig({
  cacheDir: "/tmp/vite",
  test: {
    include: ["test/hardware/guest/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "threads",
    fileParallelism: false,
  },
});
