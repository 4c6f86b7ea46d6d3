import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import { type HotWorld, taskOf } from './world.ts';

/** One object of 128 MiB gzip in one call of a fresh process. */
export async function benchLarge(world: HotWorld): Promise<void> {
  const file = await world.data({ lines: world.lines, order: 'canonical', seed: 1, everyMs: 60_000 });
  const one = readFileSync(file);
  const members = Math.ceil((128 * 1_048_576) / one.length); // a gzip file may have several: its lines are all of theirs
  const large = join(world.scratch, 'large.gz');
  writeFileSync(large, Buffer.concat(Array.from({ length: members }, () => one)));
  const segment = await world.upload('raw/large.gz', large);
  const validate = await world.startFunction('validate-segment');
  const { ms, peakMiB, result } = await validate.ask({ event: taskOf(segment, 'large') });
  const outcome = result as SegmentOutcome;
  console.log(
    `${members * one.length} bytes of gzip, ${outcome.lines} lines: ${ms.toFixed(0)} ms, peak ${Math.round(peakMiB)} MiB\n`,
  );
}
