/** How a sliding window (convolution or pooling) runs along one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Padding before and after, and the number of places at which the window stands. */
export interface PlacedAxis {
  readonly begin: number;
  readonly end: number;
  readonly places: number;
}

/** TensorFlow's `SAME` puts the odd padding at the end; `VALID` pads nothing. */
export function placeWindow(axis: WindowAxis, padding: "SAME" | "VALID"): PlacedAxis {
  const reach = (axis.kernel - 1) * axis.dilation + 1;
  if (padding === "VALID") return { begin: 0, end: 0, places: Math.floor((axis.size - reach) / axis.stride) + 1 };
  const places = Math.ceil(axis.size / axis.stride);
  const total = Math.max((places - 1) * axis.stride + reach - axis.size, 0);
  const begin = Math.floor(total / 2);
  return { begin, end: total - begin, places };
}
