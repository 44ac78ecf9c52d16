import type { RequestHandler } from "../../requests/handler.ts";
import { requestHandlers } from "../../requests/table.ts";
import { topicsOf } from "../topics.ts";
import { exampleDoor, exampleName, publishCommand, subscribeCommand } from "./commands.ts";
import { type RequestExample, requestExamples } from "./examples.ts";
import { publishedTopics } from "./published.ts";

const topics = topicsOf(exampleDoor);

/** The parts of docs/mqtt.md that are generated, by the name in their markers. */
export const pageParts: Readonly<Record<string, () => string>> = { topics: topicsPart, requests: requestsPart };

/** The page with its generated parts made anew. Throws when a pair of markers is missing. */
export function renewPage(page: string): string {
  let renewed = page;
  for (const [name, make] of Object.entries(pageParts)) {
    const [start, end] = [`<!-- generated: ${name} -->\n`, `<!-- end of ${name} -->`];
    const [from, to] = [renewed.indexOf(start), renewed.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has lost its markers for ${name}`);
    renewed = `${renewed.slice(0, from + start.length)}\n${make()}\n${renewed.slice(to)}`;
  }
  return renewed;
}

export interface DescribedRequest {
  readonly handler: RequestHandler;
  readonly example: RequestExample | undefined;
}

/** The requests that come over MQTT, in the order of their examples; then those that nobody has written one for yet. */
export function describedRequests(): readonly DescribedRequest[] {
  const served = requestHandlers.filter(({ isLocal }) => !isLocal);
  const order = Object.keys(requestExamples);
  const rank = ({ name }: RequestHandler) => (order.includes(name) ? order.indexOf(name) : order.length);
  return served
    .toSorted((a, b) => rank(a) - rank(b))
    .map((handler) => ({ handler, example: requestExamples[handler.name] }));
}

// --- internal ---

function topicsPart(): string {
  return publishedTopics
    .map((published) => {
      const { topic, isRetained, says, example } = published;
      const title = `### ${topics[topic]}\n\n${isRetained ? "Retained." : "Not retained."} ${says}`;
      return `${title}\n\n${block(subscribeCommand(published), example === null ? null : JSON.stringify(example))}`;
    })
    .join("\n");
}

function requestsPart(): string {
  return describedRequests()
    .map(({ handler, example }) => {
      const title = `#### ${handler.name.replace("<id>", "\\<id\\>")}\n`;
      if (!example) return title;
      const answer = JSON.stringify({ data: example.answer, status: "ok" });
      const response = topics.responseTopic(exampleName(handler.name, example));
      return `${title}\n${example.says}\n\n${block(publishCommand(handler.name, example), `${response} ${answer}`)}`;
    })
    .join("\n");
}

/** A command, and what comes back as a comment below it. */
function block(command: string, result: string | null): string {
  return `\`\`\`sh\n${command}\n${result === null ? "" : `# ${result}\n`}\`\`\`\n`;
}
