import { acceptedStage, isStage, ofStage, reservedDomainWords } from '../core/stage.ts';
import {
  domainPattern,
  type ExistingVpc,
  emailPattern,
  isOrigin,
  isWebhook,
  maxReports,
  parseNames,
  parseStaleAfter,
  parseTwo,
  parseVpc,
  prefixList,
  type StaleAfter,
  zone,
} from './config-values.ts';
import {
  type KafkaTopic,
  type KinesisStream,
  parseKafka,
  parseKinesis,
} from './constructs/sources/source-options.ts';

/** What an installation chooses. Set in `cdk.json` (context) or with `cdk deploy -c caudal:<name>=<value>`. */
export interface Config {
  /** Which of several installations in an account and Region; it ends their names. Undefined for the one without a stage. */
  readonly stage: string | undefined;
  /** Seconds that Firehose gathers readings before it writes an object, 0 to 900. Less is fresher and dearer. */
  readonly bufferSeconds: number;
  /** MiB (before gzip) that end the gathering earlier, 1 to 128. */
  readonly bufferMiB: number;
  /** Seconds that the pipe gathers new objects before it starts an execution, 0 to 300. Up to 25 objects are one, without gathering up to 10. */
  readonly batchWindowSeconds: number;
  /** Segments, or merge units, that one execution works on at a time, 1 to 1,000. Keep it below the account's Lambda concurrency. */
  readonly maxConcurrency: number;
  /** Address that alerts and alarms are mailed to; the recipient confirms once. Undefined for none. */
  readonly alertEmail: string | undefined;
  /** https address that alerts and alarms are posted to; it confirms the subscription once. Undefined for none. */
  readonly alertWebhook: string | undefined;
  /** https address that is told when people are needed at once; it confirms the subscription once. Undefined for none. */
  readonly pageWebhook: string | undefined;
  /** How much an installation watches itself. `basic`: what loses or stops data. `full`: a dashboard, more metrics and alarms. */
  readonly observability: Observability;
  /** Datasets that always have new readings, and after how many minutes without any an alarm sounds. */
  readonly staleAfter: readonly StaleAfter[];
  /** Milliseconds that the slowest of a hundred answers of the API may take before an alarm sounds, 100 to 29,000. */
  readonly apiSlowMs: number;
  /** Write units of DynamoDB within an hour above which an alarm sounds, 1,000 and more. 0: no alarm. */
  readonly writeUnitsPerHour: number;
  /** Dollars a month above which AWS Budgets mails to `alertEmail`. 0: no budget. */
  readonly budgetDollars: number;
  /** Least severe level that the functions log. */
  readonly logLevel: LogLevel;
  /** Days that the log groups of what runs keep their entries. */
  readonly logRetentionDays: number;
  /** Days that the access logs of buckets and API are kept, and what the options below write of who did what. */
  readonly accessLogDays: number;
  /** True: buckets and tables survive `cdk destroy` and tables refuse deletion. False: a trial that leaves nothing behind but non-empty buckets. */
  readonly protectData: boolean;
  /** Steady requests a second that the API admits, 1 to 10,000. */
  readonly apiRatePerSecond: number;
  /** Requests that the API admits at once, 1 to 5,000. */
  readonly apiBurst: number;
  /** GiB that a client of the API may get links to upload within 24 hours, 2 (which one request may ask for) to 100,000. */
  readonly uploadGiBPerDay: number;
  /** Prefix of the token endpoint's domain, unique in its region; a stage is added to it. Undefined: `caudal-<account>`. */
  readonly tokenDomainPrefix: string | undefined;
  /** Lambda environments reserved for each of the five functions of the ingestion. 0: none; they share the account's. */
  readonly ingestConcurrency: number;
  /** Origin, as `https://app.example.org`, whose pages may call the API from a browser. Undefined: none. */
  readonly corsOrigin: string | undefined;
  /** Requests that one address may send to the API in five minutes before a web ACL refuses it. 0: no web ACL. */
  readonly apiRatePerAddress: number;
  /** Days after which a raw object of 128 KiB or more goes to the storage class STANDARD_IA. 0: never. */
  readonly rawInfrequentDays: number;
  /** Days that Object Lock keeps each version of a raw object, in governance mode. 0: no Object Lock. */
  readonly rawLockDays: number;
  /** True: the policy of the raw bucket refuses to everybody the deletion of a version. */
  readonly denyRawDeletion: boolean;
  /** True: a trail of CloudTrail writes down each access to an object of the raw and curated buckets and to a table. */
  readonly auditDataEvents: boolean;
  /** True: set the role with which API Gateway logs. It is one setting an account and region: false where it is set already. */
  readonly apiLoggingRole: boolean;
  /** True: a page in the browser, `CaudalConsole`, and people who sign in to it. */
  readonly console: boolean;
  /** True: streams of decisions, such as reservations: their table, routes and relay. */
  readonly streams: boolean;
  /** Datasets of which a report of each month is made when it has ended. None: no reports but those that somebody asks for. */
  readonly monthlyReports: readonly string[];
  /** True: devices publish through IoT Core, each with a certificate. */
  readonly devices: boolean;
  /** True: a queue whose messages are readings. */
  readonly messageQueue: boolean;
  /** A Kafka topic whose messages are readings. Undefined for none. */
  readonly kafka: KafkaTopic | undefined;
  /** A stream of Kinesis Data Streams whose records are readings: one that the installation makes, or one that is there. Undefined for none. */
  readonly kinesis: KinesisStream | undefined;
  /** Where functions run: in Lambda's own network, in one without a way out, or in one with a firewall within. */
  readonly network: Network;
  /** A network that is there already, for the functions. Undefined: the installation makes its own, where it wants one. */
  readonly vpc: ExistingVpc | undefined;
  /** Ids of the prefix lists of S3 and DynamoDB in the Region, where the installation makes a network. */
  readonly prefixLists: readonly string[];
  /** Two zones of the Region for that network. None: the first two. */
  readonly zones: readonly string[];
  /** True: raw and curated bucket and the key refuse functions whose calls don't come from the network. */
  readonly requireNetwork: boolean;
}

const networks = ['none', 'private', 'inspection'] as const;
type Network = (typeof networks)[number];

const observabilities = ['basic', 'full'] as const;
type Observability = (typeof observabilities)[number];

const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
type LogLevel = (typeof logLevels)[number];

/** The days that CloudWatch Logs accepts, up to two years. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** A value of the configuration that can't be used; the message names the key, the value and what is accepted. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const keyPrefix = 'caudal:';
/**
 * Refuses a key that nothing reads, such as a misspelt one: the setting that it was meant to be would be left as it is without a word.
 * `caudal:<name>@<stage>` is for the pipeline, whose file the app of one installation sees too.
 * @param keys of all the context
 * @throws ConfigError for the first key beginning with `caudal:` that is none
 */
export function refuseUnknownKeys(keys: readonly string[], config: Config, stages: readonly string[]): void {
  const names = Object.keys(config);
  for (const key of keys) {
    if (!key.startsWith(keyPrefix)) continue;
    const [name = '', stage] = key.slice(keyPrefix.length).split(/@(.*)/s);
    const accepted = names.map((each) => keyPrefix + each).join(', ');
    if (!names.includes(name))
      throw new ConfigError(`${JSON.stringify(key)} is no key of the configuration; accepted: ${accepted}`);
    if (stage !== undefined && !stages.includes(stage))
      throw new ConfigError(
        `${JSON.stringify(key)} is for a stage that is not deployed by the pipeline; accepted: ${stages.join(', ')}`,
      );
  }
}

/**
 * Reads and checks the configuration.
 *
 * @param context gives the value of a context key, undefined when it is not set; `-c` gives strings
 * @throws ConfigError for a value that is missing or out of bounds
 */
export function readConfig(context: (key: string) => unknown): Config {
  const fail = (name: string, accepted: string): never => {
    const value = JSON.stringify(context(keyPrefix + name)) ?? 'nothing';
    throw new ConfigError(`${keyPrefix}${name} is ${value}; accepted: ${accepted}`);
  };
  const integer = (name: string, min: number, max: number): number => {
    const value = context(keyPrefix + name);
    // As text digits alone: what else a computer takes for a number (0x10, 1e2) is rather a slip.
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return number;
    return fail(name, `an integer from ${min} to ${max}`);
  };
  const integerOrNone = (name: string, min: number, max: number): number => {
    const value = context(keyPrefix + name);
    if (value === 0 || value === '0') return 0;
    try {
      return integer(name, min, max);
    } catch {
      return fail(name, `0 for none, or an integer from ${min} to ${max}`);
    }
  };
  const flag = (name: string): boolean => {
    const value = context(keyPrefix + name);
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return fail(name, 'true or false');
  };
  const text = (name: string, accepted: string, accepts: (value: string) => boolean): string | undefined => {
    const value = context(keyPrefix + name) ?? '';
    if (value === '') return undefined;
    return typeof value === 'string' && accepts(value) ? value : fail(name, accepted);
  };
  const logLevel = text('logLevel', logLevels.join(', '), (value) =>
    (logLevels as readonly string[]).includes(value),
  );
  const retention = (name: string): number => {
    const days = integer(name, 1, 731);
    return (retentionDays as readonly number[]).includes(days)
      ? days
      : fail(name, `one of ${retentionDays.join(', ')}`);
  };
  const budgetDollars = integerOrNone('budgetDollars', 1, 1_000_000);
  const alertEmail = text('alertEmail', 'an e-mail address, or empty for none', (value) =>
    emailPattern.test(value),
  );
  if (budgetDollars > 0 && alertEmail === undefined)
    fail('budgetDollars', `0 for none, unless ${keyPrefix}alertEmail says who is mailed`);
  const observability = text('observability', observabilities.join(' or '), (value) =>
    (observabilities as readonly string[]).includes(value),
  );
  const staleAfter = text(
    'staleAfter',
    'datasets with minutes from 10 to 1440, as water-temperature=60, gadget-telemetry=1440; or empty',
    (value) => parseStaleAfter(value) !== undefined,
  );
  if (staleAfter !== undefined && observability === 'basic')
    fail('staleAfter', `nothing, unless ${keyPrefix}observability is full: basic has no metrics by dataset`);
  const stage = text('stage', `${acceptedStage}; or empty`, isStage);
  const network = text('network', networks.join(', '), (value) =>
    (networks as readonly string[]).includes(value),
  ) as Network | undefined;
  const vpc = parseVpc(
    text(
      'vpc',
      'vpc-ID/subnet-ID,subnet-ID/sg-ID of a network that is there, of two to six subnets; or empty',
      (value) => parseVpc(value) !== undefined,
    ) ?? '',
  );
  const two = (name: string, what: string, kind: RegExp): readonly string[] =>
    parseTwo(text(name, `${what}; or empty`, (value) => parseTwo(value, kind) !== undefined) ?? '', kind) ??
    [];
  const lists = 'ids of the prefix lists of S3 and DynamoDB in the Region, as pl-63a5400a,pl-02cd2c6b';
  const prefixLists = two('prefixLists', lists, prefixList);
  if (vpc !== undefined && network !== 'private')
    fail(
      'vpc',
      `nothing, unless ${keyPrefix}network is private: a network that is there has its own firewall, or none`,
    );
  if (network !== 'none' && vpc === undefined && prefixLists.length === 0)
    fail('prefixLists', `${lists}, where ${keyPrefix}network is ${network} and ${keyPrefix}vpc is empty`);
  const ofOneRegion = 'two zones of the Region, as eu-west-1a,eu-west-1b';
  const zones = two('zones', ofOneRegion, zone);
  if (new Set(zones.map((each) => each.slice(0, -1))).size > 1) fail('zones', ofOneRegion);
  const requireNetwork = flag('requireNetwork');
  if (requireNetwork && network === 'none')
    fail('requireNetwork', `false, unless ${keyPrefix}network says where functions run`);
  return {
    stage,
    bufferSeconds: integer('bufferSeconds', 0, 900),
    bufferMiB: integer('bufferMiB', 1, 128),
    batchWindowSeconds: integer('batchWindowSeconds', 0, 300),
    maxConcurrency: integer('maxConcurrency', 1, 1000),
    alertEmail,
    alertWebhook: text(
      'alertWebhook',
      'an https address that SNS reaches, without a user or a fragment; or empty for none',
      isWebhook,
    ),
    pageWebhook: text(
      'pageWebhook',
      'an https address that SNS reaches, without a user or a fragment; or empty for none',
      isWebhook,
    ),
    observability: (observability as Observability | undefined) ?? 'full',
    staleAfter: parseStaleAfter(staleAfter ?? '') ?? [],
    apiSlowMs: integer('apiSlowMs', 100, 29_000),
    writeUnitsPerHour: integerOrNone('writeUnitsPerHour', 1_000, 1_000_000_000),
    budgetDollars,
    logLevel: (logLevel as LogLevel | undefined) ?? 'INFO',
    logRetentionDays: retention('logRetentionDays'),
    accessLogDays: retention('accessLogDays'),
    protectData: flag('protectData'),
    apiRatePerSecond: integer('apiRatePerSecond', 1, 10_000),
    apiBurst: integer('apiBurst', 1, 5_000),
    uploadGiBPerDay: integer('uploadGiBPerDay', 2, 100_000),
    tokenDomainPrefix: text(
      'tokenDomainPrefix',
      `up to ${63 - ofStage('', stage).length} of a-z, 0-9 and -, without aws, amazon or cognito; or empty`,
      (value) =>
        domainPattern.test(ofStage(value, stage)) &&
        !reservedDomainWords.some((word) => value.includes(word)),
    ),
    corsOrigin: text(
      'corsOrigin',
      'an origin such as https://app.example.org, without a path; or empty',
      isOrigin,
    ),
    ingestConcurrency: integerOrNone('ingestConcurrency', 1, 1000),
    apiRatePerAddress: integerOrNone('apiRatePerAddress', 10, 2_000_000_000),
    rawInfrequentDays: integerOrNone('rawInfrequentDays', 30, 3650),
    rawLockDays: integerOrNone('rawLockDays', 1, 36_500),
    denyRawDeletion: flag('denyRawDeletion'),
    auditDataEvents: flag('auditDataEvents'),
    apiLoggingRole: flag('apiLoggingRole'),
    console: flag('console'),
    streams: flag('streams'),
    monthlyReports:
      parseNames(
        text(
          'monthlyReports',
          `names of up to ${maxReports} different datasets that have a report, as salon-bookings; or empty`,
          (value) => parseNames(value) !== undefined,
        ) ?? '',
      ) ?? [],
    devices: flag('devices'),
    messageQueue: flag('messageQueue'),
    kafka: parseKafka(
      text(
        'kafka',
        'topic@NAME/UUID of a cluster of MSK here, as its ARN ends; topic@host:port,host:port@SECRET of up to three different brokers, ports from 1 to 65535; or empty',
        (value) => parseKafka(value) !== undefined,
      ) ?? '',
    ),
    kinesis: parseKinesis(
      text(
        'kinesis',
        'new, stream/NAME or stream/NAME@KEY of a stream here and of the id of its key (a UUID, or mrk- and 32 digits); or empty',
        (value) => parseKinesis(value) !== undefined,
      ) ?? '',
    ),
    network: network ?? 'none',
    vpc,
    prefixLists,
    zones,
    requireNetwork,
  };
}

/**
 * Refuses an alarm about a dataset that there is not, which would sound for ever, and reports of one that has none.
 * @param names of the datasets of this deployment, and of those that have the SQL of a report
 * @throws ConfigError for the first that is none of them
 */
export function refuseUnknownDatasets(
  { staleAfter, monthlyReports }: Config,
  names: { readonly datasets: readonly string[]; readonly reports: readonly string[] },
): void {
  for (const { dataset } of staleAfter) {
    if (!names.datasets.includes(dataset))
      throw new ConfigError(
        `${keyPrefix}staleAfter names ${JSON.stringify(dataset)}, which is no dataset; accepted: ${names.datasets.join(', ')}`,
      );
  }
  for (const dataset of monthlyReports) {
    if (!names.reports.includes(dataset))
      throw new ConfigError(
        `${keyPrefix}monthlyReports names ${JSON.stringify(dataset)}, which has no datasets/${dataset}.report.sql; accepted: ${names.reports.join(', ')}`,
      );
  }
}

/** Where CloudFront is another service, or none: China's Regions and GovCloud. */
const withoutCloudFront = /^(cn|us-gov)-/;

/**
 * Refuses the console where its parts are not to be had, before anything is deployed.
 * @param region undefined while nobody has said which
 * @throws ConfigError that says what to set
 */
export function refuseConsoleIn(region: string | undefined, config: Config): void {
  if (!config.console || region === undefined || !withoutCloudFront.test(region)) return;
  throw new ConfigError(
    `${keyPrefix}console is true; accepted in ${region}: false, since CloudFront does not serve it there`,
  );
}
