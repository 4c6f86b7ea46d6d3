import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { datasets } from '#datasets';
import { type ApiClient, createApiClient } from '../cli/api-client.ts';
import { tokenSource } from '../cli/token.ts';
import { ofStage } from '../core/stage.ts';
import type { LocalCloud } from '../local/engine/cloud.ts';
import { reconcile } from '../operator/reconcile/reconcile.ts';
import { createReconcilePorts } from '../operator/reconcile/reconcile-ports.ts';
import { listExecutions } from '../operator/shared/execution-queries.ts';
import { reportMonth, writeMonthReport } from './month-report.ts';
import type { AlertRow, BookingsRow, DemoResults, MonthRow } from './report.ts';
import { settle } from './settle.ts';
import { streamBookings, streamDemo } from './stream.ts';

/** What the demonstration needs to know of a running installation. */
export interface DemoTarget {
  readonly root: string;
  readonly endpointUrl: string;
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly statisticsTable: string;
  readonly jobsTable: string;
  readonly machineArn: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The client that may do more than read. */
  readonly writer: { readonly clientId: string; readonly clientSecret: string };
  readonly scope: string;
}

/**
 * What the demonstration needs, out of the outputs of the stacks: as a person would read them after `cdk deploy`.
 * @param stage undefined for an installation without one
 */
export function demoTarget(root: string, cloud: LocalCloud, stage?: string): DemoTarget {
  const output = (of: string, name: string): string => {
    const stack = ofStage(of, stage);
    const value = cloud.outputs[stack]?.[name];
    if (value === undefined) throw new Error(`The stack ${stack} has no output ${name}.`);
    return value;
  };
  const secretOf = (clientId: string): string => {
    const secret = cloud.services.cognito.findClient(clientId)?.secret;
    if (secret === undefined) throw new Error(`The app client ${clientId} has no secret.`);
    return secret;
  };
  const clientId = output('CaudalApi', 'ClientId');
  const writerId = output('CaudalApi', 'WriterClientId');
  return {
    root,
    endpointUrl: cloud.endpointUrl,
    rawBucket: output('CaudalData', 'RawBucket'),
    curatedBucket: output('CaudalData', 'CuratedBucket'),
    statisticsTable: output('CaudalData', 'StatisticsTable'),
    jobsTable: output('CaudalData', 'JobsTable'),
    machineArn: output('CaudalIngest', 'IngestMachine'),
    apiUrl: cloud.apiUrl,
    tokenUrl: cloud.tokenUrl,
    clientId,
    clientSecret: secretOf(clientId),
    writer: { clientId: writerId, clientSecret: secretOf(writerId) },
    scope: output('CaudalApi', 'ScopeRead'),
  };
}

/** The API as any client would call it: with a token of the read scope by client credentials. */
export function targetApi({ apiUrl, tokenUrl, clientId, clientSecret, scope }: DemoTarget): ApiClient {
  const access = { tokenUrl, clientId, clientSecret: async () => clientSecret };
  return createApiClient({ apiUrl, token: tokenSource(access, scope, { kept: false }) });
}

const uploadedFile = 'test/fixtures/aquasense-2023-11.csv';
const uploadedKey = 'landing/water-temperature/aquasense-2023-11.csv';

/**
 * Uploads a file, streams readings and events, waits until all is ingested, and asks every store and the API what came of it.
 * @param target.directory where reports are written
 * @param tell takes a line about each step, for a person who waits
 */
export async function runDemo(
  target: DemoTarget & { readonly directory: string },
  tell: (step: string) => void,
  signal: AbortSignal,
): Promise<DemoResults> {
  const settings = {
    endpoint: target.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const s3 = new S3Client(settings);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const stepFunctions = new SFNClient(settings);
  const ports = createReconcilePorts({ ...target, s3, documents });
  const linesBefore = await ledgerLines(ports);

  const uploaded = readFileSync(join(target.root, uploadedFile));
  const uploadedLines = uploaded.toString('utf8').trimEnd().split('\n').length - 1;
  tell(`uploading ${uploadedFile} to ${uploadedKey}`);
  await s3.send(new PutObjectCommand({ Bucket: target.rawBucket, Key: uploadedKey, Body: uploaded }));
  tell('streaming 50,000 readings of 200 sensors through Firehose');
  const sent = await streamDemo({ ...target, signal });
  tell('streaming 4,000 events of the bookings of 12 salons');
  const bookings = await streamBookings({ ...target, signal });
  tell('waiting until every raw object is validated and merged');
  const lines = linesBefore + sent.lines + bookings.lines + uploadedLines;
  await settle({ stepFunctions, machineArn: target.machineArn, ports, lines });

  tell('recounting all raw objects, comparing, asking the API');
  const reconciliation = await reconcile(ports, datasets);
  const executions = await listExecutions(stepFunctions, { status: undefined, limit: 1_000 });
  const api = targetApi(target);
  const base = '/datasets/water-temperature';
  const span = 'from=2023-11&to=2026-12';
  const { statistics } = await api.get<{ statistics: MonthRow[] }>(
    `${base}/statistics?period=month&${span}&limit=1000`,
  );
  const { statistics: salons } = await api.get<{ statistics: BookingsRow[] }>(
    `/datasets/salon-bookings/statistics?period=month&from=2026-03&to=2026-12&limit=1000`,
  );
  const alerts = await allAlerts(api, `${base}/alerts?from=2023-11-01&to=2026-12-31&limit=1000`);
  tell(`writing the report of ${reportMonth}, a page for each salon`);
  const monthReport = await writeMonthReport({ ...target, signal });
  const faults = reconciliation.differences.map(({ name, what }) => `${name}: ${what}`);
  const check = (holds: boolean, otherwise: string) => holds || faults.push(otherwise);
  const counted = statistics.reduce((sum, row) => sum + row.count, 0);
  check(
    reconciliation.lines === lines,
    `${lines} lines were sent, the raw objects hold ${reconciliation.lines}`,
  );
  if (linesBefore === 0) {
    check(
      reconciliation.rejected === sent.invalid + bookings.invalid,
      `${sent.invalid + bookings.invalid} invalid lines were sent, ${reconciliation.rejected} were rejected`,
    );
    const distinct = sent.readings + uploadedLines;
    check(
      reconciliation.distinct === distinct + bookings.readings,
      `${distinct + bookings.readings} readings and events were sent, ${reconciliation.distinct} are kept`,
    );
    const booked = salons.reduce((sum, row) => sum + row.count, 0);
    check(
      booked === bookings.readings,
      `the API's months count ${booked} events of bookings, ${bookings.readings} were sent`,
    );
    check(counted === distinct, `the API's months count ${counted} readings, ${distinct} were sent`);
  }
  const reported = salons.find(({ period }) => period === reportMonth)?.sensors;
  check(
    monthReport.pages === reported,
    `the report of ${reportMonth} has ${monthReport.pages} pages, and ${reported} salons had bookings`,
  );
  const failed = executions.filter((execution) => execution.status !== 'SUCCEEDED');
  check(failed.length === 0, `executions that did not succeed: ${failed.map(({ name }) => name).join(', ')}`);
  return {
    sent,
    bookings,
    uploadedLines,
    executions,
    reconciliation,
    months: statistics,
    salons,
    monthReport,
    alerts,
    faults,
  };
}

async function allAlerts(api: ApiClient, path: string): Promise<AlertRow[]> {
  const found: AlertRow[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { alerts: AlertRow[]; cursor: string | null } = await api.get(
      cursor === '' ? path : `${path}&cursor=${cursor}`,
    );
    found.push(...page.alerts);
    cursor = page.cursor;
  }
  return found;
}

/** Lines in ledgers so far: what earlier runs on the same state have brought in. */
async function ledgerLines(ports: ReturnType<typeof createReconcilePorts>): Promise<number> {
  let lines = 0;
  for await (const segment of ports.objects()) lines += (await ports.ledgers.ledger(segment))?.lines ?? 0;
  return lines;
}
