// Spans, sent by an OTLP exporter of Node's SDK: node node_spans.js proto|http|grpc
'use strict';
const { trace, context, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
const { OTLPTraceExporter } = require(`@opentelemetry/exporter-trace-otlp-${process.argv[2]}`);

async function main() {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('shop', '1.2');
  const order = tracer.startSpan('order', { attributes: { n: 5, eur: 1.5, paid: true, items: ['a', 'b'] } });
  const below = trace.setSpan(context.active(), order);
  for (let at = 0; at < 600; at++) {
    const charge = tracer.startSpan('charge', { kind: SpanKind.CLIENT, attributes: { at } }, below);
    if (at === 7) {
      charge.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
    }
    charge.end();
  }
  order.addEvent('stored', { rows: 2 });
  order.end();
  await provider.shutdown();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
