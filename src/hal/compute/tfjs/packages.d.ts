/** The parts that are used of packages which are installed only where their device is chosen. */
declare module "@tensorflow/tfjs-node-gpu" {
  export * from "@tensorflow/tfjs-core";
}

declare module "@tensorflow/tfjs-backend-webgpu" {}

declare module "webgpu" {
  export interface Adapter {
    readonly info: { readonly vendor: string; readonly architecture: string; readonly description: string };
  }
  export interface Gpu {
    requestAdapter(options: { readonly powerPreference: "high-performance" }): Promise<Adapter | null>;
  }
  export function create(options: readonly string[]): Gpu;
  export const globals: object;
}
