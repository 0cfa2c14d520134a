// The support agent of Northlight Bikes on the Vercel AI SDK, behind POST /chat.
//
// Its tools are a service of their own: plain HTTP at TOOLS_URL, or an MCP server at MCP_URL.
// A replay changes that one address. Each call forwards the headers `traceparent` and
// `baggage`, as any traced service does: they say which replayed turn the call belongs to.
import { createServer } from "node:http";
import { createMCPClient } from "@ai-sdk/mcp";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, tool } from "ai";

const { PORT = "8801", MODEL_URL, TOOLS_URL, MCP_URL } = process.env;
const PROMPT =
  "You are the support agent of Northlight Bikes. Say where an order is and answer questions " +
  "about the shop. Pay money back only when a customer clearly asks for it.";
const model = createOpenAICompatible({ name: "shop", baseURL: MODEL_URL })("scripted-1");

const traced = ({ traceparent, baggage }) =>
  Object.fromEntries(Object.entries({ traceparent, baggage }).filter(([, text]) => text));

function httpTools(headers) {
  const call = (name) => async (args) => {
    const response = await fetch(`${TOOLS_URL}/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...traced(headers) },
      body: JSON.stringify(args),
    });
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    return answer.result;
  };
  const offered = (name, description, properties) =>
    tool({
      description,
      inputSchema: jsonSchema({
        type: "object",
        properties,
        required: Object.keys(properties),
      }),
      execute: call(name),
    });
  const order_id = { type: "string" };
  return {
    find_order: offered("find_order", "Look up what was ordered.", { order_id }),
    check_status: offered("check_status", "Look up where an order is.", { order_id }),
    issue_refund: offered("issue_refund", "Pay money back to the customer.", {
      order_id,
      amount: { type: "number" },
    }),
  };
}

async function answer({ messages }, headers) {
  const mcp = MCP_URL
    ? await createMCPClient({ transport: { type: "http", url: MCP_URL, headers: traced(headers) } })
    : undefined;
  try {
    const { text, totalUsage } = await generateText({
      model,
      system: PROMPT,
      messages,
      tools: mcp ? await mcp.tools() : httpTools(headers),
      stopWhen: stepCountIs(6),
      maxRetries: 0,
    });
    return { text, usage: totalUsage };
  } finally {
    await mcp?.close();
  }
}

createServer(async (request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  try {
    let body = "";
    for await (const chunk of request) body += chunk;
    send(200, await answer(JSON.parse(body), request.headers));
  } catch (error) {
    send(500, { error: String(error) });
  }
}).listen(Number(PORT), "127.0.0.1");
