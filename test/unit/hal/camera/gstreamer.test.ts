import { describe, expect, it } from "vitest";
import { buildGstArgs, gstreamerConfig, pipelineProblem } from "../../../../src/hal/camera/gstreamer.ts";
import { tellingLine } from "../../../../src/hal/camera/raw-sources.ts";

const config = (pipeline: string, more: object = {}) =>
  gstreamerConfig.parse({ driver: "gstreamer", pipeline, width: 640, height: 480, ...more });

describe("a pipeline", () => {
  it("becomes words behind the end of all options, and ends in frames of the configured size on a descriptor of their own", () => {
    expect(
      buildGstArgs(config("nvarguscamerasrc sensor-id=0 ! video/x-raw(memory:NVMM),width=1280 ! nvvidconv")),
    ).toEqual([
      ...[
        "--quiet",
        "--",
        "nvarguscamerasrc",
        "sensor-id=0",
        "!",
        "video/x-raw(memory:NVMM),width=1280",
        "!",
        "nvvidconv",
      ],
      ...["!", "queue", "max-size-buffers=1", "leaky=downstream", "!", "videoconvert"],
      ...["!", "videoscale", "add-borders=true", "!"],
      "video/x-raw,format=RGB,width=640,height=480,pixel-aspect-ratio=1/1",
      ...["!", "fdsink", "fd=3", "sync=false"],
    ]);
  });

  it.each([
    [
      "what a shell would run stays one word",
      "videotestsrc name=$(touch$IFS/tmp/x);`reboot`",
      ["videotestsrc", "name=$(touch$IFS/tmp/x);`reboot`"],
    ],
    [
      "an option is a word of the pipeline",
      "--gst-plugin-load=/tmp/x.so videotestsrc",
      ["--gst-plugin-load=/tmp/x.so", "videotestsrc"],
    ],
    [
      "blanks within quotation marks stay together",
      'filesrc location="/srv/my clip.mp4" ! x',
      ["filesrc", 'location="/srv/my clip.mp4"', "!", "x"],
    ],
    ["an escaped mark ends nothing", 'a name="b \\" c" ! d', ["a", 'name="b \\" c"', "!", "d"]],
    ["blanks between words do not matter", "  a   !  b ", ["a", "!", "b"]],
  ])("%s", (_name, pipeline, words) => {
    expect(buildGstArgs(config(pipeline)).slice(0, words.length + 2)).toEqual(["--quiet", "--", ...words]);
  });

  it.each([
    ["nothing", ""],
    ["blanks", "   "],
    ["a line break", "videotestsrc\n! fakesink"],
    ["an open quotation mark", 'filesrc location="/a'],
    ["no source", "! videoconvert"],
    ["an end that waits for more", "videotestsrc !"],
  ])("is refused when it is %s", (_name, pipeline) => {
    expect(pipelineProblem(pipeline)).not.toBeNull();
    expect(gstreamerConfig.safeParse({ driver: "gstreamer", pipeline }).success).toBe(false);
  });

  it("cannot have a width whose rows GStreamer would pad", () => {
    expect(gstreamerConfig.safeParse({ driver: "gstreamer", pipeline: "videotestsrc", width: 642 }).success).toBe(
      false,
    );
  });
});

describe("the line that says why a program ended", () => {
  it.each([
    [
      "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Cannot identify device '/dev/video7'.\nAdditional debug info:\nv4l2_calls.c(608)\nERROR: pipeline doesn't want to preroll.\nFailed to set pipeline to PAUSED.",
      "ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Cannot identify device '/dev/video7'.",
    ],
    [
      'WARNING: erroneous pipeline: no element "nvarguscamerasrc"\n',
      'WARNING: erroneous pipeline: no element "nvarguscamerasrc"',
    ],
    ["[video4linux2] Cannot open\n/dev/video7: No such file or directory\n", "/dev/video7: No such file or directory"],
    ["", ""],
  ])("of %j", (said, line) => {
    expect(tellingLine(said)).toBe(line);
  });
});
