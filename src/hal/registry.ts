/** The one door to the hardware drivers: what is chosen is loaded, what is not costs nothing. */
export { type CameraConfig, cameraConfig, createCamera, localDevice } from "./camera/table.ts";
export { openEngine } from "./compute/registry.ts";
export { type GpioConfig, gpioConfig, openGpio } from "./gpio/table.ts";
