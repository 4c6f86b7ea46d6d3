import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';

/** How the keys of a line are ordered: as Caudal's producer does, in one other order, or each line in an order of its own. */
export type KeyOrder = 'canonical' | 'other' | 'changing';

export interface DataOptions {
  readonly lines: number;
  readonly order: KeyOrder;
  readonly seed: number;
  /** Readings of a sensor are this far apart. */
  readonly everyMs: number;
  /** Moves all readings, so that they are others than those of another file. Default 0. */
  readonly laterMs?: number;
  /** Default 200. */
  readonly sensors?: number;
  /** No reading raises an alert. */
  readonly isCalm?: boolean;
}

const startMs = Date.UTC(2024, 0, 1, 23); // midnight in Madrid
const recentLines = 1_000;

/** Uniform in [0, 1), the same for a seed everywhere (mulberry32). */
function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Writes water temperatures as gzip NDJSON: 1% of the lines repeat one of the last thousand, 1% are invalid in
 * one of five ways. The same options give the same bytes; a file that is there is kept.
 */
export async function writeData(directory: string, options: DataOptions): Promise<string> {
  const { lines, order, seed, everyMs, laterMs = 0, sensors = 200, isCalm = false } = options;
  const name = [lines, order, everyMs, laterMs, seed, sensors, ...(isCalm ? ['calm'] : [])].join('-');
  const path = join(directory, `water-${name}.ndjson.gz`);
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true });
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(`${path}.part`);
  gzip.pipe(file);
  const random = chance(seed);
  const recent: string[] = [];
  let text = '';
  for (let index = 0; index < lines; index++) {
    text += `${lineOf(index, options, random, recent)}\n`;
    if (text.length > 500_000 || index === lines - 1) {
      if (!gzip.write(text)) await once(gzip, 'drain');
      text = '';
    }
  }
  gzip.end();
  await once(file, 'close');
  renameSync(`${path}.part`, path);
  return path;
}

function lineOf(index: number, options: DataOptions, random: () => number, recent: string[]): string {
  const kind = random();
  if (kind < 0.01 && recent.length > 0) return recent[Math.floor(random() * recent.length)] as string; // within it
  const { sensors = 200, isCalm = false } = options;
  const sensor = index % sensors;
  const atMs =
    startMs +
    Math.floor(index / sensors) * options.everyMs +
    ((sensor * 37) % 1_000) +
    (options.laterMs ?? 0);
  const temperature = Math.round(100 * (17 + 5 * Math.sin(index / 3e5) + 2 * random())) / 100;
  const deviation = Math.round(1_000 * (isCalm ? 0.4 : 0.6) * random()) / 1_000;
  const fields = [
    '"dataset":"water-temperature"',
    `"sensorId":"station-${String(sensor).padStart(3, '0')}"`,
    `"timestamp":"${new Date(atMs).toISOString()}"`,
    `"temperature":${temperature}`,
    `"deviation":${deviation}`,
  ];
  if (options.order === 'other') fields.reverse();
  if (options.order === 'changing') {
    for (let at = fields.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [fields[at], fields[other]] = [fields[other] as string, fields[at] as string]; // both within it
    }
  }
  const line = `{${fields.join(',')}}`;
  if (kind < 0.99) {
    recent[index % recentLines] = line;
    return line;
  }
  return spoiled(line, Math.floor(random() * 5));
}

function spoiled(line: string, way: number): string {
  const withTemperature = (value: string) => line.replace(/"temperature":[^,}]*/, `"temperature":${value}`);
  if (way === 0) return withTemperature('-999');
  if (way === 1) return withTemperature('99.5');
  if (way === 2) return line.slice(0, 70);
  if (way === 3) return line.replace(/"deviation":[^,}]*,?/, '').replace(',}', '}');
  return line.replace(/(\d)T(\d)/, '$1X$2');
}
