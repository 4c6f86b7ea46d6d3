import { readFileSync } from 'node:fs';
import { inflate } from '../../core/lines/inflate.ts';
import { parseSegmentRows } from '../../core/lines/parse-segment.ts';
import { datasets } from '../../datasets/registry.ts';
import { answer } from './worker.ts';

/** What Node does with the same file: only inflate it; JSON.parse each line and nothing else; Caudal's core without any writing. */
export type NodeTask = { kind: 'gunzip' | 'json' | 'core'; file: string };

answer<NodeTask, { ms: number; peakMiB: number }>(async ({ kind, file }) => {
  const bytes = readFileSync(file);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  const start = performance.now();
  if (kind === 'gunzip') await inflate(chunks(), () => {});
  if (kind === 'json') {
    let rest = '';
    await inflate(chunks(), (piece) => {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        try {
          JSON.parse(line);
        } catch {
          // 1 in 500 is cut off
        }
      }
    });
  }
  if (kind === 'core') {
    const source = { key: 'raw/x.gz', arrivedMs: Date.now() };
    const { rows } = await parseSegmentRows({ source, datasets, bytes: chunks() }, { rejected: () => {} });
    for (const buffer of rows) buffer.sorted();
  }
  return { ms: performance.now() - start, peakMiB: process.resourceUsage().maxRSS / 1024 };
});
