/** The part of onoff that is used; the package is installed only where the driver is chosen. */
declare module "onoff" {
  export class Gpio {
    constructor(
      line: number,
      direction: "in" | "high" | "low",
      edge: "none" | "both",
      options: { readonly activeLow: boolean; readonly debounceTimeout: number },
    );
    readSync(): 0 | 1;
    writeSync(value: 0 | 1): void;
    watch(listener: (error: Error | null | undefined, value: 0 | 1) => void): void;
    unexport(): void;
  }
}
