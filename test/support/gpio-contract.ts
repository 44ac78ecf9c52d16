import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { GpioEvents, GpioLines, LineEdge } from "../../src/hal/api.ts";

/** A chip with somebody who stands beside it. */
export interface GpioRig {
  /** Takes strike, alarm and contact. */
  open(events: GpioEvents, options: { activeLow: boolean }): Promise<GpioLines>;
  /** The strike's level in volts: 1 is high. */
  strikeLevel(): Promise<0 | 1>;
  /** Puts a level on the contact. */
  driveContact(level: 0 | 1): Promise<void>;
  stop(): Promise<void>;
}

/** What every driver must do, whatever stands behind it. */
export function describeGpioDriver(
  name: string,
  startRig: () => Promise<GpioRig>,
  { isExclusive = true }: { isExclusive?: boolean } = {},
): void {
  describe(`driver ${name}`, () => {
    let rig: GpioRig;
    const open: GpioLines[] = [];
    const openLines = async (activeLow = false) => {
      const edges: LineEdge[] = [];
      const lost: string[] = [];
      const events = { onEdge: (edge: LineEdge) => edges.push(edge), onLost: (reason: string) => lost.push(reason) };
      const lines = await rig.open(events, { activeLow });
      open.push(lines);
      return { lines, edges, lost };
    };

    beforeEach(async () => {
      rig = await startRig();
    });
    afterEach(async () => {
      for (const lines of open.splice(0)) await lines.close().catch(() => {});
      await rig.stop();
    });

    it.each([
      { activeLow: false, rest: 0 },
      { activeLow: true, rest: 1 },
    ])("opens with the strike inactive (active low: $activeLow)", async ({ activeLow, rest }) => {
      const { lines } = await openLines(activeLow);
      expect(await lines.readOutput("strike")).toBe(false);
      expect(await rig.strikeLevel()).toBe(rest);
      await lines.setOutput("strike", true);
      expect(await lines.readOutput("strike")).toBe(true);
      expect(await rig.strikeLevel()).toBe(1 - rest);
    });

    it("ends inactive when it is closed, and closes once", async () => {
      const { lines, lost } = await openLines();
      await lines.setOutput("strike", true);
      await lines.close();
      await lines.close();
      expect(await rig.strikeLevel()).toBe(0);
      expect(lost).toEqual([]);
      await expect(lines.setOutput("strike", true)).rejects.toMatchObject({ code: "LINTEL_E_GPIO" });
    });

    it("keeps the order of calls that do not wait for each other", async () => {
      const { lines } = await openLines();
      const last = [true, false, true, false].map((isActive) => lines.setOutput("strike", isActive));
      await Promise.all(last);
      expect(await lines.readOutput("strike")).toBe(false);
    });

    it("reports edges of an input in order, with stamps of the machine's clock", async () => {
      const { lines, edges } = await openLines(true);
      const beforeMs = systemClock.nowMs();
      expect(await lines.readInput("contact")).toBe(true);
      await rig.driveContact(1);
      await expect.poll(() => edges.map(({ isActive }) => isActive), { timeout: 5000 }).toEqual([false]);
      await rig.driveContact(0);
      await expect.poll(() => edges.map(({ isActive }) => isActive), { timeout: 5000 }).toEqual([false, true]);
      for (const { atMs, line } of edges) {
        expect(line).toBe("contact");
        expect(atMs).toBeGreaterThanOrEqual(beforeMs);
        expect(atMs).toBeLessThanOrEqual(systemClock.nowMs());
      }
      expect(await lines.readInput("contact")).toBe(true);
    });

    it("does not know lines that are not configured", async () => {
      const { lines } = await openLines();
      await expect(lines.readInput("tamper")).rejects.toThrow("not configured");
      await expect(lines.setOutput("buzzer", true)).rejects.toThrow("not configured");
    });

    it.runIf(isExclusive)("refuses lines that somebody owns, and leaves none taken behind", async () => {
      const first = await openLines();
      await first.lines.setOutput("strike", true);
      await expect(openLines()).rejects.toMatchObject({ code: "LINTEL_E_GPIO" });
      expect(await first.lines.readOutput("strike")).toBe(true);
      await first.lines.close();
      const second = await openLines();
      expect(await second.lines.readOutput("strike")).toBe(false);
    });
  });
}
