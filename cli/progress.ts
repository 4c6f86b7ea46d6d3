import { SingleBar } from 'cli-progress';

/** Shows on standard error how far something long has come. */
export interface Progress {
  /**
   * Called as often as there is news; shown a few times a second at most.
   * @param figures what is shown, asked for only then
   * @param done of the total
   */
  update(figures: () => string, done?: number): void;
  /** A line for people that stays; equal ones come at most every ten seconds. */
  note(text: string): void;
  /** Takes the bar away. It may be called twice. */
  stop(): void;
}

const barIntervalMs = 200;
const lineIntervalMs = 5_000;
const repeatedNoteMs = 10_000;

/**
 * On a terminal one line that changes: the bar when the total is known, and the figures.
 * @param options.total what `done` comes to in the end; `undefined` when that is not known
 * @param options.elsewhere where there is no terminal: a line every five seconds, or (default) nothing, so that nothing
 * of it is in a file or a pipe
 * @param options.quiet notes only
 */
export function createProgress(
  options: {
    readonly total?: number | undefined;
    readonly elsewhere?: 'lines' | 'nothing';
    readonly quiet?: boolean;
    readonly stream?: NodeJS.WriteStream;
  } = {},
): Progress {
  const { total, elsewhere = 'nothing', quiet = false, stream = process.stderr } = options;
  const terminal = stream.isTTY === true;
  const noted = new Map<string, number>();
  const write = (text: string) => stream.write(terminal ? `\r\u001b[K${text}\n` : `${text}\n`);
  const shown = !quiet && (terminal || elsewhere === 'lines');
  const intervalMs = terminal ? barIntervalMs : lineIntervalMs;
  let bar: SingleBar | undefined;
  let lastMs = terminal ? Number.NEGATIVE_INFINITY : performance.now();
  return {
    update(figures, done = 0) {
      const nowMs = performance.now();
      if (!shown || nowMs - lastMs < intervalMs) return;
      lastMs = nowMs;
      if (!terminal) {
        write(figures());
        return;
      }
      if (bar === undefined) {
        bar = createBar(total === undefined ? '{figures}' : '{bar} {percentage}%  {figures}', stream);
        bar.start(total ?? Number.MAX_SAFE_INTEGER, done, { figures: figures() });
      } else bar.update(done, { figures: figures() });
    },
    note(text) {
      const nowMs = performance.now();
      if (nowMs - (noted.get(text) ?? Number.NEGATIVE_INFINITY) < repeatedNoteMs) return;
      noted.set(text, nowMs);
      write(text);
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

const createBar = (format: string, stream: NodeJS.WriteStream): SingleBar =>
  new SingleBar({ format, hideCursor: true, clearOnComplete: true, stream });
