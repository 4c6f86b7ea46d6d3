import { datasets } from '#datasets';
import { stageOf } from '../cli/connection.ts';
import {
  choice,
  decimalNumber,
  duration,
  flag,
  inGroup,
  instant,
  oneOf,
  option,
  sensorId,
  share,
  text,
  wholeNumber,
} from '../cli/options.ts';
import { UsageError } from '../cli/usage-error.ts';
import type { Values } from '../cli/verb.ts';
import { ofStage } from '../core/stage.ts';
import { type MqttSeries, readMqttSensor } from './sources/mqtt-series.ts';
import type { FaultRates } from './synthetic/faults.ts';

/** A broker's address and the topic filter behind it. Not read by URL: the filter's # would be a fragment. */
export const mqttUrlPattern = /^((?:mqtts?|wss?):\/\/[^/]+)\/(.+)$/;

/** What names the series of messages. */
function mqttSensor(given: { readonly help: string }) {
  const accepted = 'a level of the topic such as 2 or -1, or a path such as $.device.id';
  return option({ valueName: 'LEVEL|PATH', accepted, read: readMqttSensor }, given);
}

/** What `npm run producer` takes. */
export const producerOptions = {
  ...inGroup('Where readings come from', {
    file: text({
      valueName: 'PATH',
      help: "a file, or a glob pattern of several: CSV (.csv, by the dataset's mapping) or NDJSON, gzip or not",
      repeatable: true,
    }),
    'accept-unreadable': flag({
      help: 'takes the lines of files that can be read, however many can not; without it a file with too many of those is refused',
    }),
    stdin: flag({ help: 'standard input' }),
    format: choice(['ndjson', 'csv'], { help: 'what standard input is', default: 'ndjson' }),
    mqtt: text({
      valueName: 'URL',
      pattern: mqttUrlPattern,
      accepted: 'mqtt://host/topic/filter',
      help: 'topics of a broker: mqtt://[user:password@]host[:port]/topic/+/filter/#; also mqtts, ws, wss',
    }),
    'mqtt-version': choice(['5', '3.1.1'], { help: 'version of the protocol', default: '5' }),
    'mqtt-client-id': text({
      valueName: 'NAME',
      help: 'name of the session that the broker keeps (default: made of this host and the topics)',
    }),
    'mqtt-sensor': mqttSensor({
      help: 'what names the series of a message: a level of its topic, 1 being the first and -1 the last (the default), or a path to a member of its JSON',
    }),
    dataset: oneOf(datasets, {
      help: 'whose readings they are; made-up ones are of water-temperature without it, NDJSON and messages may name theirs',
    }),
    'sensor-id': sensorId({ help: 'sensor of the lines that name none' }),
  }),
  ...inGroup('Made-up readings', {
    seed: wholeNumber({ help: 'the same seed gives the same readings', min: 0, default: 1 }),
    sensors: wholeNumber({ help: 'number of sensors', min: 1, max: 1_000_000, default: 10 }),
    every: duration({ help: "time between a sensor's readings (default: as the dataset expects; live: 1s)" }),
    backfill: duration({ help: 'event times from so long ago until now, sent as fast as possible' }),
    start: instant({ help: 'event times from then on; with it, the same options give the same bytes' }),
    live: flag({
      help: 'sends each reading at its event time: the default without --count, --backfill and --start',
    }),
  }),
  ...inGroup('How much, how fast', {
    count: wholeNumber({ help: 'stops after so many readings', min: 1 }),
    duration: duration({ help: 'made-up readings: so much event time; other sources: stops after so long' }),
    rate: decimalNumber({ help: 'readings a second', min: 0.001 }),
  }),
  ...inGroup('Delivery', {
    stream: text({
      valueName: 'NAME',
      help: 'delivery stream (default: caudal-readings; of a stage caudal-readings-STAGE)',
    }),
    'mqtt-publish': text({
      valueName: 'URL',
      pattern: /^mqtts:\/\/[^/]+\/[^/]+\/[^/]+\/[^/]+$/,
      accepted: 'mqtts://host/caudal/DATASET/THING',
      help: 'is a device of IoT Core instead: publishes to this topic, under the name of the thing, with --mqtt-cert and --mqtt-key',
    }),
    'mqtt-cert': text({ valueName: 'FILE', help: "the device's certificate, PEM" }),
    'mqtt-key': text({ valueName: 'FILE', help: "the device's key, PEM" }),
    'mqtt-ca': text({
      valueName: 'FILE',
      help: 'the authority of the broker, PEM, where that is none that Node.js trusts: of the local cloud',
    }),
    'record-kib': wholeNumber({
      help: 'size that records grow to, in KiB: Firehose bills each in steps of 5 KiB',
      min: 5,
      max: 1_000,
      default: 100,
    }),
    'linger-ms': wholeNumber({
      help: 'time that a reading may wait for its record to fill, in ms; 0: each reading is a record',
      min: 0,
      max: 3_600_000,
      default: 1_000,
    }),
    'in-flight': wholeNumber({ help: 'requests under way at once', min: 1, max: 256, default: 4 }),
    deadline: duration({ help: 'gives up after so long without progress', default: '5m' }),
    'request-timeout': duration({ help: 'repeats a request that is not answered by then', default: '30s' }),
    spool: text({
      valueName: 'DIR',
      help: 'keeps on disk what is not acknowledged: it survives kill -9, a full disk and days offline, and the same command continues where it was',
    }),
    'spool-sync': choice(['always', 'off'], {
      help: 'always: written through to the disk, so also safe from a power cut',
      default: 'always',
    }),
    'spool-mib': wholeNumber({
      help: 'the source waits while the spool holds more, in MiB',
      min: 1,
      default: 10_240,
    }),
  }),
  ...inGroup('Faults on purpose, and the proof', {
    duplicates: share({ help: 'readings that are sent twice', default: 0 }),
    late: share({
      help: 'readings whose time is up to 60 days earlier; events that are sent up to 5,000 lines later, at their time',
      default: 0,
    }),
    corrections: share({
      help: 'readings that are sent again with other values and the next revision',
      default: 0,
    }),
    invalid: share({ help: 'readings that are replaced by lines that must be rejected', default: 0 }),
    shuffle: flag({ help: 'lines change places with others up to 5,000 lines away' }),
    expect: text({
      valueName: 'FILE',
      help: 'writes the exact statistics that the pipeline must show; to compare: npm run caudal -- verify --expect FILE',
    }),
  }),
  ...inGroup('Output', {
    rejects: text({
      valueName: 'FILE',
      help: 'writes the readings that are not sent, one a line, with the reason',
    }),
    'dry-run': flag({ help: 'sends nothing; shows what it would cost, packed and not' }),
    json: flag({ help: 'prints the report as JSON' }),
    quiet: flag({ help: 'shows no progress' }),
  }),
};

type Typed = Values<typeof producerOptions>;

/** Where readings come from. */
type SourceOptions =
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
      readonly series: MqttSeries | undefined;
    };

/** The command line by what it is for. Times are in ms, the rate is in readings a second. */
export type Options = ReturnType<typeof optionsOf>;

/**
 * Puts together what belongs together.
 * @param typed where of --file, --stdin and --mqtt at most one is given
 * @throws {UsageError} for an option of MQTT without it, or a stage that there cannot be
 */
export function optionsOf(typed: Typed) {
  const { dataset, sensorId: series, seed, rate, recordKib, lingerMs, inFlight } = typed;
  const { expect, rejects, dryRun, json, quiet } = typed;
  const { duplicates, late, corrections, invalid, shuffle } = typed;
  const faults: FaultRates = { duplicates, late, corrections, invalid, shuffle };
  return {
    stream: typed.stream ?? ofStage('caudal-readings', stageOf()),
    ...{ dataset, sensorId: series, seed, rate, recordKib, lingerMs, inFlight },
    ...{ expect, rejects, dryRun, json, quiet, faults },
    acceptUnreadable: typed.acceptUnreadable,
    source: sourceOf(typed),
    device: deviceOf(typed),
    count: typed.count ?? Number.POSITIVE_INFINITY,
    durationMs: typed.duration,
    deadlineMs: typed.deadline,
    requestTimeoutMs: typed.requestTimeout,
    spool:
      typed.spool === undefined
        ? undefined
        : { directory: typed.spool, sync: typed.spoolSync, maxMiB: typed.spoolMib },
  };
}

/** As which device the lines are published; undefined where they go to Firehose. */
function deviceOf({ mqttPublish: url, mqttCert, mqttKey, mqttCa, requestTimeout }: Typed) {
  if (url === undefined) {
    if (mqttCert ?? mqttKey ?? mqttCa)
      throw new UsageError('--mqtt-cert, --mqtt-key and --mqtt-ca go with --mqtt-publish.');
    return undefined;
  }
  if (mqttCert === undefined || mqttKey === undefined)
    throw new UsageError(
      '--mqtt-publish needs --mqtt-cert and --mqtt-key: npm run caudal -- devices --enrol makes them.',
    );
  return { url, certificate: mqttCert, key: mqttKey, authority: mqttCa, requestTimeoutMs: requestTimeout };
}

function sourceOf(typed: Typed): SourceOptions {
  if (typed.mqttSensor !== undefined && typed.mqtt === undefined)
    throw new UsageError('--mqtt-sensor goes with --mqtt: it names the series of messages.');
  const { seed, sensors, every: everyMs, start: startMs, backfill: backfillMs, mqtt } = typed;
  if (typed.file.length > 0) return { kind: 'files', patterns: typed.file };
  if (typed.stdin) return { kind: 'stdin', format: typed.format };
  if (mqtt !== undefined) {
    const version = typed.mqttVersion === '5' ? 5 : 4;
    const series: MqttSeries | undefined =
      typed.sensorId === undefined ? typed.mqttSensor : { kind: 'fixed', sensorId: typed.sensorId };
    return { kind: 'mqtt', url: mqtt, clientId: typed.mqttClientId, version, series };
  }
  const isBounded = startMs !== undefined || backfillMs !== undefined || typed.count !== undefined;
  const live = typed.live || !isBounded;
  return { kind: 'synthetic', seed, sensors, everyMs, startMs, backfillMs, live };
}
