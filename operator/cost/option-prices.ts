import { idlePolls } from './bill.ts';
import { price } from './prices.ts';
import { watching, watchingPrice } from './watching.ts';

/** What an option of the configuration adds to the bill. */
export interface OptionPrice {
  /** As in `cdk.json`, with its value where it has several. */
  readonly option: string;
  readonly makes: string;
  /** Dollars, whatever arrives; less than 0 where it takes something away. */
  readonly perMonth: number;
  /** What is billed beside that, by use: dollars, and of what. */
  readonly byUse: readonly (readonly [dollars: number, of: string])[];
}

/** Of a zone, in a month as AWS counts it. */
const hours = 730;
const zones = 2;
/** Interface endpoints of a network, with the console; a test compares them with the templates. */
export const interfaceEndpoints = 8;
/** Metrics that alarms read of what each option makes; a test compares them with the templates. */
export const alarmMetricsOf = {
  devices: 1,
  messageQueue: 2,
  kafka: 1,
  kinesis: 6,
  streams: 5,
  monthlyReports: 3,
  writeUnitsPerHour: 5,
};

const million = 1e6;
/** GiB of a million messages of 5 KiB. */
const fiveKiBOfMillion = (million * 5) / 1024 ** 2;
const full = watchingPrice(watching('full', 1));
const endpoints = interfaceEndpoints * zones * hours * price.endpointHour;

/** Options that cost something, or are often thought to. */
export const optionPrices: readonly OptionPrice[] = [
  {
    option: 'observability basic',
    makes: 'fewer alarms and metrics, no dashboard',
    perMonth: watchingPrice(watching('basic', 1)) - full,
    byUse: [],
  },
  {
    option: 'staleAfter',
    makes: 'an alarm a dataset',
    perMonth: price.alarm,
    byUse: [],
  },
  { option: 'pageWebhook', makes: 'an alarm over alarms', perMonth: price.compositeAlarm, byUse: [] },
  {
    option: 'writeUnitsPerHour 0',
    makes: 'no alarm over five tables',
    perMonth: -alarmMetricsOf.writeUnitsPerHour * price.alarm,
    byUse: [],
  },
  { option: 'budgetDollars', makes: 'a budget that only tells', perMonth: 0, byUse: [] },
  {
    option: 'apiRatePerAddress',
    makes: 'a web ACL with a rule',
    perMonth: price.webAcl + price.webAclRule,
    byUse: [[million * price.webAclRequest, 'a million requests']],
  },
  {
    option: 'auditDataEvents',
    makes: 'a trail of accesses to objects and items',
    perMonth: 0,
    byUse: [[million * price.dataEvent, 'a million accesses']],
  },
  {
    option: 'rawInfrequentDays',
    makes: `raw objects at ${price.s3InfrequentGiB} a GB instead of ${price.s3StoredGiB}`,
    perMonth: 0,
    byUse: [
      [million * price.s3Transition, 'a million objects that change'],
      [price.s3RetrievedGiB, 'a GB read'],
    ],
  },
  {
    option: 'rawLockDays, denyRawDeletion',
    makes: 'objects that stay',
    perMonth: 0,
    byUse: [[price.s3StoredGiB, 'a GB that can not be removed']],
  },
  {
    option: 'streams false',
    makes: 'no table, functions and relay of decisions',
    perMonth: -alarmMetricsOf.streams * price.alarm,
    byUse: [],
  },
  {
    option: 'console',
    makes: 'CloudFront, a function, sign-in (cost --people)',
    perMonth: 0,
    byUse: [[price.person, 'a person who signs in']],
  },
  {
    option: 'monthlyReports',
    makes: 'a schedule, a function, a bucket, two alarms',
    perMonth: alarmMetricsOf.monthlyReports * price.alarm,
    byUse: [[price.athenaTB, 'a TB that statements read']],
  },
  {
    option: 'devices',
    makes: 'IoT Core: a topic rule, its queue of errors, an alarm',
    perMonth: alarmMetricsOf.devices * price.alarm,
    byUse: [
      [million * (price.iotMessage + price.iotRule + price.iotAction), 'a million messages of 5 KiB'],
      [million * price.iotMinute, 'a million minutes connected'],
    ],
  },
  {
    option: 'messageQueue',
    makes: 'a queue, its dead letters, a pipe, two alarms',
    perMonth: alarmMetricsOf.messageQueue * price.alarm + idlePolls * price.sqsRequest,
    byUse: [[queueOfMillion(), 'a million messages']],
  },
  {
    option: 'kafka',
    makes: 'a pipe and its alarm; the cluster is yours',
    perMonth: alarmMetricsOf.kafka * price.alarm,
    byUse: [[kafkaOfMillion(), 'a million messages of 5 KiB']],
  },
  {
    option: 'kinesis new',
    makes: 'a stream on demand, a delivery stream, three alarms',
    perMonth: alarmMetricsOf.kinesis * price.alarm + hours * price.dataStreamHour,
    byUse: [
      [fiveKiBOfMillion * (price.dataStreamInGiB + price.dataStreamOutGiB), 'a million messages of 5 KiB'],
    ],
  },
  {
    option: 'kinesis stream/…',
    makes: 'a delivery stream, three alarms; the stream is yours',
    perMonth: alarmMetricsOf.kinesis * price.alarm,
    byUse: [[fiveKiBOfMillion * price.dataStreamOutGiB, 'a million read, of a stream on demand']],
  },
  {
    option: 'network private',
    makes: `a VPC, ${interfaceEndpoints} endpoints in ${zones} zones, a flow log`,
    perMonth: endpoints,
    byUse: [
      [price.endpointGiB, 'a GB through endpoints'],
      [price.logGiB, 'a GB of flow log'],
    ],
  },
  {
    option: 'network inspection',
    makes: 'the same, and a firewall in each zone',
    perMonth: endpoints + zones * hours * price.firewallHour,
    byUse: [
      [price.endpointGiB + price.firewallGiB, 'a GB through both'],
      [price.logGiB, 'a GB of logs'],
    ],
  },
  { option: 'vpc', makes: 'functions in a VPC that is there', perMonth: 0, byUse: [] },
  {
    option: 'logRetentionDays, accessLogDays',
    makes: 'logs that are kept longer',
    perMonth: 0,
    byUse: [[price.logStoredGiB, 'a GB stored']],
  },
];

/** Sent one by one, received and deleted by tens, and put by the pipe, which is billed by 64 KiB: 12 messages of 5 KiB, of which it takes 10. */
function queueOfMillion(): number {
  const batches = million / 10;
  return (million + 2 * batches) * price.sqsRequest + batches * price.pipeRequest;
}

/** Up to 100 messages of 5 KiB are a batch, of eight times 64 KiB. */
function kafkaOfMillion(): number {
  return (million / 100) * Math.ceil((100 * 5) / 64) * price.pipeRequest;
}
