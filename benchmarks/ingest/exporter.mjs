// Sends the talks of a JSON file with the Node SDK: node exporter.mjs URL TALKS json|protobuf
import { readFileSync } from "node:fs";
import { context, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [, , url, talks, encoding] = process.argv;
const kind = encoding === "json" ? "http" : "proto";
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${kind}`);
const { resource, spans } = JSON.parse(readFileSync(talks, "utf8"));
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes(resource),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, compression: "gzip" }))],
});
const tracer = provider.getTracer("shop.agent");
const started = ({ name, attributes, start_ms }, within) =>
  tracer.startSpan(name, { attributes, startTime: new Date(start_ms) }, within);
for (const span of spans) {
  const root = started(span);
  const within = trace.setSpan(context.active(), root);
  for (const child of span.children) {
    started(child, within).end(new Date(child.end_ms));
  }
  root.end(new Date(span.end_ms));
}
await provider.forceFlush();
await provider.shutdown();
