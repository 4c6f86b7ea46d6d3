import { SingleBar } from 'cli-progress';
import type { Tally } from './delivery/deliver-backlog.ts';
import { mib } from './report.ts';

/** Shows how a run goes, on standard error. */
export interface Progress {
  update(tally: Tally): void;
  /** A line for people; equal ones come at most every ten seconds. */
  note(text: string): void;
  stop(): void;
}

const barIntervalMs = 200;
const lineIntervalMs = 5_000;
const repeatedNoteMs = 10_000;

/**
 * A bar on a terminal, elsewhere a line every five seconds.
 * @param options.total lines that will be sent, `undefined` when it is not known
 * @param options.quiet notes only
 */
export function createProgress(options: { total: number | undefined; quiet: boolean }): Progress {
  const noted = new Map<string, number>();
  const startedAt = performance.now();
  const terminal = process.stderr.isTTY === true;
  let lastAt = startedAt;
  const bar = terminal && !options.quiet ? createBar(options.total) : undefined;
  const write = (text: string) => process.stderr.write(terminal ? `\r\u001b[K${text}\n` : `${text}\n`);
  return {
    update(tally) {
      const now = performance.now();
      if (options.quiet || now - lastAt < (bar ? barIntervalMs : lineIntervalMs)) return;
      lastAt = now;
      const rate = Math.round(tally.acknowledged / ((now - startedAt) / 1_000)).toLocaleString('en-US');
      const shown = {
        speed: rate,
        bytes: mib(tally.bytes),
        billed: mib(tally.billedBytes),
        retries: tally.retries.toLocaleString('en-US'),
      };
      if (bar) bar.update(tally.acknowledged, shown);
      else
        write(
          `${tally.acknowledged.toLocaleString('en-US')} lines, ${rate}/s, ${shown.bytes}, billed ${shown.billed}, retries ${shown.retries}`,
        );
    },
    note(text) {
      const now = performance.now();
      if (now - (noted.get(text) ?? Number.NEGATIVE_INFINITY) < repeatedNoteMs) return;
      noted.set(text, now);
      write(text);
    },
    stop: () => bar?.stop(),
  };
}

function createBar(total: number | undefined): SingleBar {
  const figures = '{value} lines  {speed}/s  {bytes}  billed {billed}  retries {retries}';
  const bar = new SingleBar({
    format: total === undefined ? figures : `{bar} {percentage}%  ${figures}`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  bar.start(total ?? Number.MAX_SAFE_INTEGER, 0, { speed: '0', bytes: '0', billed: '0', retries: '0' });
  return bar;
}
