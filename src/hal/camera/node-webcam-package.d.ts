/** The part of node-webcam that is used; the package brings no types. */
declare module "node-webcam" {
  interface Options {
    readonly width: number;
    readonly height: number;
    readonly quality: number;
    readonly delay: number;
    readonly skip: number;
    readonly frames: number;
    readonly output: "jpeg";
    readonly device: string;
    readonly callbackReturn: "location";
    readonly saveShots: boolean;
    readonly verbose: boolean;
  }

  interface NodeWebcam {
    /** Begins the shell command. */
    bin: string;
    capture(location: string, done: (error: Error | null) => void): void;
  }

  const api: { create(options: Options): NodeWebcam };
  export = api;
}
