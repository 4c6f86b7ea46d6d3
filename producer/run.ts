import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connection } from '../cli/connection.ts';
import { createProgress, type Progress } from '../cli/progress.ts';
import type { Dataset } from '../core/dataset/dataset.ts';
import type { DroppedCounts } from '../core/dataset/reading.ts';
import { countDropped } from '../core/lines/dropped-values.ts';
import { billedBytes } from '../core/lines/packing.ts';
import { createProducer, type Producer, type ProducerOptions, startProducer } from './delivery/producer.ts';
import type { Sender } from './delivery/sender.ts';
import type { Options } from './options.ts';
import { ExpectationBuilder } from './proof/expectation.ts';
import { Rejects } from './rejects.ts';
import { type LinesByKind, noLines, type Report, renderTally } from './report.ts';
import { prepareSource } from './sources/prepare-source.ts';
import type { PreparedSource, SourceItem } from './sources/source.ts';
import { continueRun, endRun, type SpoolRun } from './spool/spool-directory.ts';
import { Faults, type Outgoing } from './synthetic/faults.ts';

/** How a run is ended from outside. */
export interface RunSignals {
  /** Takes in nothing more, sends what was taken in. */
  readonly stop: AbortSignal;
  /** Sends nothing more either. */
  readonly halt: AbortSignal;
}

/**
 * Reads a source to its end, or to `--count`, `--duration` or `signals.stop`, and sends it.
 * @returns the report; a failed delivery is `error` in it
 * @throws {UsageError}, {SpoolInUse} before anything is sent, and what reading the source throws
 */
export async function run(
  options: Options,
  datasets: readonly Dataset[],
  signals: RunSignals,
): Promise<Report> {
  const startedAt = performance.now();
  const context = { datasets, dataset: chooseDataset(options, datasets) };
  let progress: Progress | undefined;
  const onTrouble = (reason: string) => progress?.note(`${reason}; trying again`);
  const source = await prepareSource(options, { ...context, onTrouble });
  progress = createProgress({ total: source.total, elsewhere: 'lines', quiet: options.quiet });
  const spoolRun = await beginRun(options, source);
  const producer = await openProducer(options, spoolRun, { onTrouble, progress });
  const stream = new Streaming(options, producer, progress, signals);
  try {
    await stream.take(source.open(spoolRun.nowMs, stream.stop));
  } catch (error) {
    // A failed delivery is in the report; anything else is thrown once what was taken in is sent.
    if (!producer.failed.aborted) stream.error = error as Error;
  }
  const tally = await stream.close();
  if (options.spool !== undefined && stream.finished && tally.unacknowledged === 0)
    await endRun(options.spool.directory);
  if (stream.error !== undefined) throw stream.error;
  return stream.report(tally, performance.now() - startedAt);
}

/** NDJSON and messages may name their dataset; made-up readings are of water temperature where nothing is said. */
function chooseDataset({ dataset, source }: Options, datasets: readonly Dataset[]): Dataset | undefined {
  if (dataset !== undefined || source.kind !== 'synthetic') return dataset;
  return datasets.find(({ name }) => name === 'water-temperature');
}

async function beginRun({ spool, dryRun }: Options, source: PreparedSource): Promise<SpoolRun> {
  const fresh = {
    id: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    nowMs: Date.now(),
  };
  if (spool === undefined || source.identity === undefined || dryRun) return fresh;
  return continueRun(spool.directory, source.identity, fresh.nowMs);
}

async function openProducer(
  options: Options,
  { id }: SpoolRun,
  { onTrouble, progress }: { onTrouble: (reason: string) => void; progress: Progress },
): Promise<Producer> {
  const { stream, recordKib, lingerMs, inFlight, deadlineMs, requestTimeoutMs, spool } = options;
  const common: ProducerOptions = {
    stream,
    recordKib,
    lingerMs,
    inFlight,
    deadlineMs,
    requestTimeoutMs,
    onTrouble,
  };
  if (options.dryRun) return startProducer(common, nowhere);
  const spooled = { ...common, ...(spool ? { spool: { ...spool, run: id } } : {}) };
  if (options.device !== undefined) {
    const { createMqttSender } = await import('./delivery/mqtt-sender.ts');
    return startProducer(spooled, await createMqttSender(options.device));
  }
  const { settings, note } = connection();
  if (note !== undefined) progress.note(note);
  return createProducer({ ...spooled, client: settings });
}

/** The dry run's: takes everything and sends nothing. */
const nowhere: Sender = {
  send: async () => ({ kind: 'answered', failed: [], code: '' }),
  close: () => {},
};

/** One run's way from the source's items to the producer, counted. */
class Streaming {
  error: Error | undefined;
  readonly stop: AbortSignal;
  readonly #stopping = new AbortController();
  readonly #options: Options;
  readonly #producer: Producer;
  readonly #progress: Progress;
  readonly #signals: RunSignals;
  readonly #faults: Faults;
  readonly #rejects: Rejects;
  readonly #expectation: ExpectationBuilder | undefined;
  readonly #lines: LinesByKind = noLines();
  readonly #dropped: DroppedCounts = {};
  readonly #unterminated: string[] = [];
  readonly #startedAt = performance.now();
  readonly #outbox: Outgoing[] = [];
  readonly #emit = (outgoing: Outgoing) => this.#outbox.push(outgoing);
  #stopped = false;
  readonly #whenStopped: Promise<void>;
  #taken = 0;
  #position = 0;
  #distinct: number | undefined;
  #unpackedBytes = 0;
  /** The source came to its end by itself or by --count or --duration. */
  finished = false;

  constructor(options: Options, producer: Producer, progress: Progress, signals: RunSignals) {
    this.#options = options;
    this.#producer = producer;
    this.#progress = progress;
    this.#signals = signals;
    this.#faults = new Faults(options.faults, options.seed);
    this.#rejects = new Rejects(options.rejects);
    this.#expectation = options.expect === undefined ? undefined : new ExpectationBuilder();
    this.stop = AbortSignal.any([signals.stop, signals.halt, producer.failed, this.#stopping.signal]);
    this.#stopped = this.stop.aborted;
    // Waiting for room ends with it too: an endpoint that is away, or a full disk, may not give room for days.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenStopped = promise;
    this.stop.addEventListener('abort', () => {
      this.#stopped = true;
      resolve();
    });
    if (this.#stopped) resolve();
  }

  async take(source: AsyncIterable<readonly SourceItem[]>): Promise<void> {
    const { durationMs, source: kind } = this.#options;
    const isTimed = kind.kind !== 'synthetic' && durationMs !== undefined;
    const timer = isTimed ? setTimeout(() => this.#stopping.abort(), durationMs) : undefined;
    try {
      for await (const items of source) {
        for (const item of items) {
          if (this.#done) break;
          const wait = this.#takeItem(item);
          if (wait !== undefined) await Promise.race([wait, this.#whenStopped]);
        }
        this.#showProgress();
        if (this.#done) break;
      }
      this.finished =
        !this.#signals.stop.aborted && !this.#signals.halt.aborted && !this.#producer.failed.aborted;
      this.#faults.end(this.#emit);
      await Promise.race([this.#empty(), this.#whenStopped]);
      if (this.#stopped) this.#empty();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends what was taken in. */
  async close() {
    const tally = this.#producer.tally();
    if (!this.finished && tally.unacknowledged > 0 && !this.#signals.halt.aborted) {
      this.#progress.note(
        `sending the ${tally.unacknowledged} lines that were taken in; Ctrl-C again stops at once`,
      );
    }
    const ticking = setInterval(() => this.#showProgress(), 200);
    const final = await this.#producer.close({ finished: this.finished, signal: this.#signals.halt });
    clearInterval(ticking);
    await this.#rejects.close();
    const expectation = this.#expectation?.build(this.finished);
    if (expectation !== undefined) {
      await writeFile(this.#options.expect ?? '', `${JSON.stringify(expectation, undefined, 1)}\n`);
      const totals = Object.values(expectation.datasets).map((dataset) => dataset.totals.distinct);
      this.#distinct = totals.reduce((sum, distinct) => sum + distinct, 0);
    }
    this.#progress.stop();
    return final;
  }

  report(tally: ReturnType<Producer['tally']>, elapsedMs: number): Report {
    const { reading, late, duplicate, correction, invalid } = this.#lines;
    const failure = this.#producer.failed;
    return {
      stream: this.#options.device?.url ?? this.#options.stream,
      ok: tally.unacknowledged === 0 && tally.damagedBytes === 0 && !failure.aborted,
      ...tally,
      readings: reading + late,
      late,
      duplicates: duplicate,
      corrections: correction,
      invalid,
      ...(this.#distinct === undefined ? {} : { distinct: this.#distinct }),
      rejected: this.#rejects.byReason,
      dropped: this.#dropped,
      unterminated: this.#unterminated,
      continuedAt: this.#producer.position,
      ...(this.#options.dryRun ? { billedBytesUnpacked: this.#unpackedBytes } : {}),
      elapsedMs: Math.round(elapsedMs),
      peakMemoryMib: Math.round(process.resourceUsage().maxRSS / 1024),
      ...(failure.aborted ? { error: (failure.reason as Error).message } : {}),
    };
  }

  #showProgress(): void {
    const tally = this.#producer.tally();
    const elapsedMs = performance.now() - this.#startedAt;
    this.#progress.update(() => renderTally(tally, elapsedMs), tally.acknowledged);
  }

  get #done(): boolean {
    return this.#taken >= this.#options.count || this.#stopped;
  }

  /** @returns a promise only where there is something to wait for: a promise a reading costs as much as sending it */
  #takeItem(item: SourceItem): Promise<void> | undefined {
    if (item.kind === 'rejected') {
      const { where, reason, detail, text } = item;
      return this.#rejects.add({ where, reason, detail, text });
    }
    if (item.kind === 'unterminated') {
      this.#unterminated.push(item.where);
      return undefined;
    }
    this.#taken += 1;
    if (item.dropped) countDropped(this.#dropped, item.dataset, item.dropped);
    this.#faults.push(item, this.#emit);
    return this.#empty();
  }

  /** Sends the outbox up to where it has to wait, and goes on after that; once stopped, it takes in the rest at once. */
  #empty(): Promise<void> | undefined {
    for (let outgoing = this.#outbox.shift(); outgoing !== undefined; outgoing = this.#outbox.shift()) {
      const wait = this.#send(outgoing);
      if (wait !== undefined && !this.#stopped) return wait.then(() => this.#empty());
    }
    return undefined;
  }

  #send(outgoing: Outgoing): Promise<void> | undefined {
    const { line, dataset, reading, kind, settled } = outgoing;
    this.#position += 1;
    if (reading === undefined) this.#expectation?.invalid(dataset);
    else this.#expectation?.reading(dataset, reading);
    if (this.#position <= this.#producer.position) return undefined;
    this.#lines[kind] += 1;
    if (this.#options.dryRun) this.#unpackedBytes += billedBytes(Buffer.byteLength(line) + 1);
    if (settled !== undefined) {
      this.#producer.sendSafely(line).then(() => settled(), settled);
      return this.#pace();
    }
    const room = this.#producer.send(line);
    if (room === 'too-large') {
      const detail = 'the line is over 1,000 KiB; accepted: at most what a Firehose record holds';
      return this.#rejects.add({
        where: `line ${this.#position}`,
        reason: 'too-large',
        detail,
        text: line.slice(0, 4_096),
      });
    }
    const pace = this.#pace();
    return room !== undefined && pace !== undefined
      ? Promise.all([room, pace]).then(() => {})
      : (room ?? pace);
  }

  /** Waits where the lines so far are ahead of the rate; short of 5 ms it lets them run ahead, as timers are coarse. */
  #pace(): Promise<void> | undefined {
    const { rate } = this.#options;
    if (rate === undefined) return undefined;
    const sent = this.#position - this.#producer.position;
    const aheadMs = (sent / rate) * 1_000 - (performance.now() - this.#startedAt);
    if (aheadMs <= 5) return undefined;
    return sleep(aheadMs, undefined, { signal: this.stop }).catch(() => {});
  }
}
