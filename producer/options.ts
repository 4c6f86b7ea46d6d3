import { parseArgs } from 'node:util';
import { OptionError, parseCount, parseInstant, parseLength, parseShare } from '../cli/numbers.ts';
import type { FaultRates } from './synthetic/faults.ts';

const definitions = {
  stream: { type: 'string', default: 'caudal-readings' },
  dataset: { type: 'string' },
  file: { type: 'string', multiple: true },
  stdin: { type: 'boolean', default: false },
  format: { type: 'string', default: 'ndjson' },
  mqtt: { type: 'string' },
  'mqtt-client-id': { type: 'string' },
  'mqtt-version': { type: 'string', default: '5' },
  'sensor-id': { type: 'string' },
  seed: { type: 'string', default: '1' },
  sensors: { type: 'string', default: '10' },
  every: { type: 'string' },
  start: { type: 'string' },
  backfill: { type: 'string' },
  live: { type: 'boolean', default: false },
  count: { type: 'string' },
  duration: { type: 'string' },
  rate: { type: 'string' },
  'record-kib': { type: 'string', default: '100' },
  'linger-ms': { type: 'string', default: '1000' },
  'in-flight': { type: 'string', default: '4' },
  deadline: { type: 'string', default: '5m' },
  'request-timeout': { type: 'string', default: '30s' },
  spool: { type: 'string' },
  'spool-sync': { type: 'string', default: 'always' },
  'spool-mib': { type: 'string', default: '10240' },
  duplicates: { type: 'string', default: '0' },
  late: { type: 'string', default: '0' },
  corrections: { type: 'string', default: '0' },
  invalid: { type: 'string', default: '0' },
  shuffle: { type: 'boolean', default: false },
  expect: { type: 'string' },
  rejects: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Where readings come from. */
export type SourceOptions =
  | {
      readonly kind: 'synthetic';
      readonly seed: number;
      readonly sensors: number;
      readonly everyMs: number | undefined;
      readonly startMs: number | undefined;
      readonly backfillMs: number | undefined;
      readonly live: boolean;
    }
  | { readonly kind: 'files'; readonly patterns: readonly string[] }
  | { readonly kind: 'stdin'; readonly format: 'csv' | 'ndjson' }
  | {
      readonly kind: 'mqtt';
      readonly url: string;
      readonly clientId: string | undefined;
      readonly version: 4 | 5;
    };

/** The command line, checked. Times are in ms. */
export interface Options {
  readonly stream: string;
  readonly datasetName: string | undefined;
  readonly sensorId: string | undefined;
  readonly source: SourceOptions;
  readonly seed: number;
  readonly count: number;
  readonly durationMs: number | undefined;
  /** Readings a second. */
  readonly rate: number | undefined;
  readonly recordKib: number;
  readonly lingerMs: number;
  readonly inFlight: number;
  readonly deadlineMs: number;
  readonly requestTimeoutMs: number;
  readonly spool:
    | { readonly directory: string; readonly sync: 'always' | 'off'; readonly maxMiB: number }
    | undefined;
  readonly faults: FaultRates;
  readonly expect: string | undefined;
  readonly rejects: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
}

/** Reads the command line. @throws {OptionError} or parseArgs' TypeError, each for a person to read */
export function readOptions(argv: string[]): Options {
  const { values } = parseArgs({ args: argv, options: definitions, strict: true });
  const optional = <T>(
    name: 'every' | 'start' | 'backfill' | 'count' | 'duration' | 'rate',
    read: Read<T>,
  ) => {
    const text = values[name];
    return text === undefined ? undefined : read(name, text);
  };
  const seed = parseCount('seed', values.seed, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const count = optional('count', (name, text) => parseCount(name, text, { min: 1, max: 1e12 }));
  const kinds = [values.file && 'file', values.stdin && 'stdin', values.mqtt && 'mqtt'].filter(Boolean);
  if (kinds.length > 1) throw new OptionError(`--${kinds.join(' and --')} are different sources: give one`);
  const [startMs, backfillMs] = [optional('start', parseInstant), optional('backfill', parseLength)];
  const bounded = startMs !== undefined || backfillMs !== undefined || count !== undefined;
  const source: SourceOptions = values.file
    ? { kind: 'files', patterns: values.file }
    : values.stdin
      ? { kind: 'stdin', format: oneOf('format', values.format, ['ndjson', 'csv']) }
      : values.mqtt
        ? {
            kind: 'mqtt',
            url: values.mqtt,
            clientId: values['mqtt-client-id'],
            version: oneOf('mqtt-version', values['mqtt-version'], ['5', '3.1.1']) === '5' ? 5 : 4,
          }
        : {
            kind: 'synthetic',
            seed,
            sensors: parseCount('sensors', values.sensors, { min: 1, max: 1_000_000 }),
            everyMs: optional('every', parseLength),
            startMs,
            backfillMs,
            live: values.live || !bounded,
          };
  return {
    stream: values.stream,
    datasetName: values.dataset,
    sensorId: values['sensor-id'],
    source,
    seed,
    count: count ?? Number.POSITIVE_INFINITY,
    durationMs: optional('duration', parseLength),
    rate: optional('rate', (name, text) => parseCount(name, text, { min: 0.001, max: 1e9, whole: false })),
    recordKib: parseCount('record-kib', values['record-kib'], { min: 5, max: 1_000 }),
    lingerMs: parseCount('linger-ms', values['linger-ms'], { min: 0, max: 3_600_000 }),
    inFlight: parseCount('in-flight', values['in-flight'], { min: 1, max: 256 }),
    deadlineMs: parseLength('deadline', values.deadline),
    requestTimeoutMs: parseLength('request-timeout', values['request-timeout']),
    spool:
      values.spool === undefined
        ? undefined
        : {
            directory: values.spool,
            sync: oneOf('spool-sync', values['spool-sync'], ['always', 'off']),
            maxMiB: parseCount('spool-mib', values['spool-mib'], { min: 1, max: 1e9 }),
          },
    faults: {
      duplicates: parseShare('duplicates', values.duplicates),
      late: parseShare('late', values.late),
      corrections: parseShare('corrections', values.corrections),
      invalid: parseShare('invalid', values.invalid),
      shuffle: values.shuffle,
    },
    expect: values.expect,
    rejects: values.rejects,
    dryRun: values['dry-run'],
    json: values.json,
    quiet: values.quiet,
    help: values.help,
  };
}

type Read<T> = (name: string, text: string) => T;

function oneOf<const T extends string>(option: string, text: string, accepted: readonly T[]): T {
  const found = accepted.find((candidate) => candidate === text);
  if (found === undefined) throw new OptionError(`--${option} takes ${accepted.join(' or ')}, not "${text}"`);
  return found;
}
