/** Weights of a convolution as TensorFlow keeps them (height, width, input, output) as ONNX wants them. */
export interface ConvolutionWeights {
  /** [height, width, input channels, output channels], for a depthwise one [height, width, channels, multiplier]. */
  readonly shape: readonly [height: number, width: number, input: number, output: number];
  readonly data: Float32Array;
}

/** To [output, input, height, width]. */
export function denseKernel({ shape, data }: ConvolutionWeights): Float32Array {
  const [height, width, inputs, outputs] = shape;
  const area = height * width;
  const kernel = new Float32Array(data.length);
  let from = 0;
  for (let place = 0; place < area; place++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) kernel[(o * inputs + i) * area + place] = data[from++]!;
    }
  }
  return kernel;
}

/** Back from [output, input, height, width]: what `denseKernel` undoes. */
export function tensorflowKernel({ shape, data }: ConvolutionWeights): Float32Array {
  const [height, width, inputs, outputs] = shape;
  const area = height * width;
  const kernel = new Float32Array(data.length);
  let to = 0;
  for (let place = 0; place < area; place++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) kernel[to++] = data[(o * inputs + i) * area + place]!;
    }
  }
  return kernel;
}

/** To [channels * multiplier, 1, height, width]. */
export function depthwiseKernel({ shape, data }: ConvolutionWeights): Float32Array {
  const [height, width, inputs, multiplier] = shape;
  const area = height * width;
  const channels = inputs * multiplier;
  const kernel = new Float32Array(data.length);
  for (let place = 0; place < area; place++) {
    for (let c = 0; c < channels; c++) kernel[c * area + place] = data[place * channels + c]!;
  }
  return kernel;
}
