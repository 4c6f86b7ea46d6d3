import { gzipSync } from 'node:zlib';
import { datasets } from '#datasets';
import { createValidateSegment } from '../handlers/ingest/validate-segment/validate-segment.ts';
import { MemoryObjects } from '../test/support/memory-objects.ts';

/**
 * `node bench/worst-lines.ts [MB] [part of a name]`: CPU that ValidateSegment takes for a megabyte (decompressed) of the worst lines that
 * one sender can put into an object, and the memory of the process at its end. The function has 40 s and 1,769 MiB.
 */
const [megabytes = '10', only = ''] = process.argv.slice(2);
const size = Number(megabytes) * 1_000_000;
const fill = (piece: string) => Buffer.from(piece.repeat(Math.ceil(size / piece.length)));
const numbered = (line: (number: number) => string, glue = '\n') => {
  const about = line(100_000).length + glue.length;
  const count = Math.ceil(size / about);
  return Buffer.from(Array.from({ length: count }, (_, number) => line(number)).join(glue));
};
/** Lines of two letters and the byte before them, of which there are too many to be kept in mind. */
const distinct = (first: number) => {
  const bytes = Buffer.alloc(size, 10);
  for (let at = 0; at + 4 <= size; at += 4)
    bytes.set([first, 48 + ((at / 4) % 75), 48 + (Math.floor(at / 300) % 75)], at);
  return bytes;
};
const header = 'timestamp,gadget,battery,signal\n2026-01-01T00:00:00Z,g,50,-50\n';
const members = Array.from({ length: 80_000 }, (_, number) => `"k${number}":0`).join();

const cases: readonly (readonly [name: string, make: () => Buffer, key?: string])[] = [
  [
    'sound readings',
    () =>
      numbered(
        (n) =>
          `{"dataset":"gadget-telemetry","sensorId":"g${n % 99}","timestamp":"2026-01-01T00:00:00Z","battery":1,"signal":-9}`,
      ),
  ],
  ['x', () => fill('x\n')],
  ['one line of x', () => fill('x')],
  ['{}', () => fill('{}\n')],
  ['{}{}{}', () => fill('{}')],
  ['{}x{}x', () => fill('{}x')],
  ['{"":1}{"":2}', () => numbered((n) => `{"":${n}}`, '')],
  ['lines of three letters that all differ', () => distinct(0x78)],
  ['the same, no UTF-8', () => distinct(0xff)],
  ['the same, no JSON', () => distinct(0x22)],
  ['{"dataset":"stock-ticks"}', () => fill('{"dataset":"stock-ticks"}\n')],
  ['an object of 80,000 keys', () => fill(`{${members}}\n`)],
  ['the same, one key twice', () => fill(`{${members},"k79999":0}\n`)],
  ['[[[[', () => fill(`${'['.repeat(1_000_000)}\n`)],
  ['no lines, only their ends', () => fill('\n')],
  ['gzip of x', () => gzipSync(fill('x\n'))],
  ['CSV: quotes', () => Buffer.concat([Buffer.from(header), fill('"\n')]), 'landing/gadget-telemetry/x.csv'],
  ['CSV: x,,,', () => Buffer.concat([Buffer.from(header), fill('x,,,\n')]), 'landing/gadget-telemetry/x.csv'],
  ['CSV: x', () => Buffer.concat([Buffer.from(header), fill('x\n')]), 'landing/gadget-telemetry/x.csv'],
];

for (const [name, make, key = 'raw/2026/01/01/00/x'] of cases) {
  if (!name.includes(only)) continue;
  const objects = new MemoryObjects(() => Date.UTC(2026, 0, 2));
  const versionId = objects.put('raw', key, make());
  const validate = createValidateSegment({
    segments: objects,
    objects,
    clock: { cpuMs: () => 0 }, // what takes longer is measured too
    curatedBucket: 'curated',
    datasets,
  });
  const before = process.cpuUsage();
  const task = { jobId: 'j', segmentId: 's', bucket: 'raw', key, versionId, size, run: '' };
  const { lines, valid } = await validate(task);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000 / Number(megabytes);
  const memory = process.memoryUsage().rss / 1_048_576;
  console.log(
    `${name.padEnd(40)}${lines.toLocaleString('en').padStart(12)} lines, ${valid.toLocaleString('en')} valid: ${ms.toFixed(0)} ms/MB, ${memory.toFixed(0)} MiB`,
  );
}
