/**
 * Dollars in us-east-1, without free tiers and discounts: this is the one place to change, for another region or a later year. Those of
 * Firehose, S3, Step Functions, Lambda and DynamoDB are of November 2026; those of events, keys, logs, alarms, recovery, people and CloudFront change
 * seldom and were not looked up again; those of Kinesis are of an article of September 2023
 * (https://www.trek10.com/blog/amazon-kinesis-data-streams-on-demand-vs.-provisioned-billing-mode-cost-comparison), and AWS's page of later still counts by
 * the same units. Before a decision hangs on one, look at AWS's page. A GiB is what AWS's examples call a GB.
 */
export const priceList = {
  region: 'us-east-1',
  date: '2026-11',
  source: 'https://aws.amazon.com/<service>/pricing/',
} as const;

/** One of each. */
export const price = {
  /** Direct PUT; each record is rounded up to 5 KiB. */
  firehoseGiB: 0.029,
  /** PUT, COPY, POST, LIST. */
  s3Put: 5e-6,
  /** GET, HEAD; deleting costs nothing. */
  s3Get: 4e-7,
  s3StoredGiB: 0.023,
  /** Of what a statement reads, at least 10 MB. */
  athenaTB: 5,
  sqsRequest: 4e-7,
  pipeRequest: 4e-7,
  /** What the bucket and the functions tell: opt-in events of S3 cost as much as one's own. */
  event: 1e-6,
  standardTransition: 2.5e-5,
  expressRequest: 1e-6,
  lambdaRequest: 2e-7,
  /** On Arm. */
  lambdaGiBSecond: 1.33334e-5,
  dynamoWriteUnit: 6.25e-7,
  dynamoReadUnit: 1.25e-7,
  dynamoStoredGiB: 0.25,
  /** Point-in-time recovery, beside what is stored. */
  dynamoRecoveryGiB: 0.2,
  kmsRequest: 3e-6,
  logGiB: 0.5,
  restRequest: 3.5e-6,
  /** Cognito, client credentials. */
  token: 0.00225,
  /** Cognito: a client for client credentials, a month. */
  machineClient: 6,
  /** Cognito, plan Essentials: who signs in within a month. */
  person: 0.015,
  /** CloudFront, over HTTPS. */
  cdnRequest: 1e-6,
  cdnGiB: 0.085,
  /** CloudFront Functions. */
  edgeFunction: 1e-7,
  /** A month. */
  kmsKey: 1,
  /** For each metric that an alarm reads. */
  alarm: 0.1,
  compositeAlarm: 0.5,
  metric: 0.3,
  dashboard: 3,
  /** What the options add, of November 2026: PrivateLink, an endpoint in a zone. */
  endpointHour: 0.01,
  endpointGiB: 0.01,
  /** Network Firewall, an endpoint of it in a zone. */
  firewallHour: 0.395,
  firewallGiB: 0.065,
  /** WAF, a month. */
  webAcl: 5,
  webAclRule: 1,
  webAclRequest: 6e-7,
  /** CloudTrail, an access to data. */
  dataEvent: 1e-6,
  /** IoT Core: of 5 KiB each; a device connected. */
  iotMessage: 1e-6,
  iotRule: 1.5e-7,
  iotAction: 1.5e-7,
  iotMinute: 8e-8,
  /** Kinesis Data Streams, on demand: a stream; in, each record rounded up to 1 KiB; out. */
  dataStreamHour: 0.04,
  dataStreamInGiB: 0.08,
  dataStreamOutGiB: 0.04,
  s3InfrequentGiB: 0.0125,
  s3RetrievedGiB: 0.01,
  s3Transition: 1e-5,
  logStoredGiB: 0.03,
} as const;
