import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { parseSegment } from '../../../core/lines/parse-segment.ts';
import { type Failure, failed, type Outcome } from '../../../core/toons/record.ts';

export interface Telemetry {
  /** NDJSON, possibly gzipped. */
  readonly bytes: Uint8Array;
  readonly datasets: readonly Dataset[];
  /** Claimed; without it every line has to name its dataset, and all the same one. */
  readonly dataset: string | undefined;
  /** UTC ms. */
  readonly nowMs: number;
}

/**
 * Validates each line as the ingestion does and sums up the valid ones. Rejected lines are counted by reason; the
 * toon fails only when no line is valid. Nothing is stored as readings: a toon is looked at, not taken in.
 */
export async function processTelemetry({ bytes, datasets, dataset, nowMs }: Telemetry): Promise<Outcome> {
  const inflated = await inflate(bytes);
  if (inflated.kind === 'failed') return inflated;
  const known = dataset === undefined ? undefined : datasets.find(({ name }) => name === dataset);
  if (dataset !== undefined && known === undefined) {
    return failed(
      'unknown-dataset',
      `no dataset '${dataset}'; there are ${datasets.map(({ name }) => name).join(', ')}`,
    );
  }
  const summary = new Summary();
  // A key under landing/ says the dataset of lines that don't name it; under raw/ every line names its own.
  const key = known === undefined ? 'raw/toon.ndjson' : `landing/${known.name}/toon.ndjson`;
  const lines = (async function* () {
    yield inflated.bytes;
  })();
  await parseSegment({ source: { key, arrivedMs: nowMs }, datasets, bytes: lines }, summary);
  return summary.outcome();
}

/** What a compressed toon may become, in bytes. A bomb is stopped here, whatever it claims. */
const maxInflatedBytes = 64 * 1024 * 1024;

const gunzipBounded = promisify(gunzip);

type Inflated = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | Failure;

/** Undoes gzip if there is any. zlib itself stops at the bound, and compares the length and checksum at the end. */
async function inflate(bytes: Uint8Array): Promise<Inflated> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { kind: 'bytes', bytes };
  try {
    return { kind: 'bytes', bytes: await gunzipBounded(bytes, { maxOutputLength: maxInflatedBytes }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // zlib rejects with an Error that has a code
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return failed('decompression-bomb', `${bytes.length} bytes of gzip hold more than ${maxInflatedBytes}`);
    }
    if (code === 'Z_BUF_ERROR') return failed('truncated', 'the gzip data ends early');
    return failed('corrupt', `gzip: ${message}`);
  }
}

class Summary {
  #dataset: Dataset | undefined;
  #mixed: string | undefined;
  #readings = 0;
  #fromMs = Infinity;
  #toMs = -Infinity;
  #first: string | undefined;
  readonly #series = new Set<string>();
  readonly #rejected = new Map<string, number>();
  readonly #measures = new Map<string, { count: number; min: number; max: number }>();

  reading(_line: number, dataset: Dataset, reading: Reading): void {
    this.#dataset ??= dataset;
    if (this.#dataset !== dataset) {
      this.#mixed = dataset.name;
      return;
    }
    this.#readings += 1;
    this.#series.add(reading.sensorId);
    this.#fromMs = Math.min(this.#fromMs, reading.timestampMs);
    this.#toMs = Math.max(this.#toMs, reading.timestampMs);
    dataset.measureNames.forEach((name, index) => {
      const value = reading.values[index] ?? null;
      if (value === null) return;
      const seen = this.#measures.get(name) ?? { count: 0, min: value, max: value };
      this.#measures.set(name, {
        count: seen.count + 1,
        min: Math.min(seen.min, value),
        max: Math.max(seen.max, value),
      });
    });
  }

  rejected(line: number, reason: string, detail: string): void {
    this.#first ??= `line ${line}: ${reason}: ${detail}`;
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
  }

  outcome(): Outcome {
    const dataset = this.#dataset;
    if (dataset === undefined) return failed('no-valid-readings', this.#first ?? 'there is no line');
    if (this.#mixed !== undefined) {
      return failed(
        'type-mismatch',
        `readings of ${dataset.name} and of ${this.#mixed}; a toon has one dataset`,
      );
    }
    const rejected = Object.fromEntries(this.#rejected);
    return {
      kind: 'completed',
      result: {
        dataset: dataset.name,
        lines: this.#readings + Object.values(rejected).reduce((sum, count) => sum + count, 0),
        readings: this.#readings,
        series: this.#series.size,
        from: new Date(this.#fromMs).toISOString(),
        to: new Date(this.#toMs).toISOString(),
        rejected,
        measures: Object.fromEntries(this.#measures),
      },
    };
  }
}
