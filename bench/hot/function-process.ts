import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { answer } from './worker.ts';

/** Runs a bundled function as Lambda does: the bundle is loaded once, the handler called with an event and a context. */
const bundle = process.argv[2] as string; // the parent gives it
const loadStart = performance.now();
const module: { handler: (event: unknown, context: unknown) => Promise<unknown> } = await import(
  pathToFileURL(`${bundle}/index.mjs`).href
);
const importMs = performance.now() - loadStart;

export interface Invoked {
  ms: number;
  importMs: number;
  /** The highest so far. */
  peakMiB: number;
  result: unknown;
}

answer<{ event: object }, Invoked>(async ({ event }) => {
  const context = {
    awsRequestId: randomUUID(),
    functionName: 'bench',
    getRemainingTimeInMillis: () => 60_000,
  };
  const start = performance.now();
  const result = await module.handler(event, context);
  const ms = performance.now() - start;
  return { ms, importMs, peakMiB: process.resourceUsage().maxRSS / 1024, result };
});
