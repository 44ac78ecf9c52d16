import { Command } from "commander";
import { artLookCommand } from "./art/look.ts";
import { artRenderCommand } from "./art/render.ts";

export function artCommand(): Command {
  return new Command("art")
    .description("Paint pictures in the style of others, and see what a network sees.")
    .addCommand(artRenderCommand())
    .addCommand(artLookCommand());
}
