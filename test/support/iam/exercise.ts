import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { planToons } from '../../../core/toons/toon.ts';
import { AwsError, type Interceptor } from '../../../local/engine/calls.ts';
import type { CloudOptions } from '../../../local/engine/cloud.ts';
import { type Faults, noFaults } from '../../../local/testing/faults.ts';
import { generateToons } from '../../../producer/toons/generate.ts';
import { JobClient } from '../../../producer/toons/job-client.ts';
import { type CloudWorld, startCloudWorld } from '../cloud-world.ts';
import { accessToken, clientSettings, output } from '../job-world.ts';
import { exerciseReports } from './exercise-reports.ts';
import { exerciseSources } from './exercise-sources.ts';

/** A running cloud and the calls that are to fail in it: each entry fails one call, or more when it is not removed. */
export interface Exercised {
  world: CloudWorld;
  faults: Set<`${string} ${string}`>;
}

/** Starts a cloud in which a function's calls fail while `faults` holds `<part of the function's id> <operation>`. */
export async function startExercised(options: Partial<CloudOptions> = {}): Promise<Exercised> {
  const faults: Exercised['faults'] = new Set();
  const interceptor: Interceptor = async ({ accessKeyId, action, phase }) => {
    if (phase !== 'before') return;
    for (const fault of faults) {
      const [caller = '', operation] = fault.split(' ');
      if (operation !== action || !accessKeyId?.includes(caller)) continue;
      // Not one that a client repeats by itself.
      throw new AwsError('ValidationException', 'The exercise makes this call fail.', { status: 400 });
    }
  };
  const world = await startCloudWorld({
    timeScale: 200,
    interceptors: [interceptor],
    faults: () => ({ ...noFaults, firehoseBucket: refusingOnce }),
    ...options,
  });
  return { world, faults };
}

/** The bucket that Firehose writes to, which refuses the first object of each delivery stream. */
const refusingOnce: Faults['firehoseBucket'] = (s3) => {
  const refused = new Set<string>();
  return {
    ...s3,
    async putObject(object) {
      const [stream = ''] = object.key.split('/').at(-1)?.split('-1-') ?? [];
      if (refused.has(stream)) return s3.putObject(object);
      refused.add(stream);
      throw new AwsError('SlowDown', 'The exercise makes this delivery fail.', { status: 503 });
    },
  };
};

/** Longer than any step takes on a slow machine. */
const patienceMs = 240_000;

/**
 * Everything that the installation does, by every way in: readings over the API and as files, what is rejected, repeated
 * and missing, replays, uploads in parts that break off, alerts, every route, and jobs of toons by every way of submitting
 * one. Rejects with the first thing that does not come out as it should.
 */
export async function exercise({ world, faults }: Exercised): Promise<void> {
  const api = await createApi(world);
  await readings(world, api);
  await failedDelivery(world);
  await routes(api);
  await missingSegment(world);
  await brokenUploads(world, faults);
  await replays(world);
  await uploads(world, api);
  await toons(world, api, faults);
  await operations(world, api);
  await corrections(world, api);
  await streams(world, api, faults);
  await page(world);
  await exerciseSources(world);
  await exerciseReports(world);
}

interface Api {
  get(path: string, accept?: string): Promise<unknown>;
  post(path: string, type: string, body: string): Promise<unknown>;
  jobs: JobClient;
}

async function createApi({ cloud }: CloudWorld): Promise<Api> {
  const token = await accessToken(cloud, 'caudal/read caudal/write caudal/operate');
  const call = async (path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const answer = await fetch(cloud.apiUrl + path, { ...init, headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  };
  return {
    get: (path, accept = 'application/json') => call(path, { headers: { accept } }),
    post: (path, type, body) => call(path, { method: 'POST', headers: { 'content-type': type }, body }),
    jobs: new JobClient({ apiUrl: cloud.apiUrl, token: async () => token }),
  };
}

/** Readings that alert, twice in the same partition; one that contradicts another; a file that has rejected lines, and its repair. */
async function readings(world: CloudWorld, api: Api): Promise<void> {
  for (const battery of [5, 4]) {
    const reading = { sensorId: 'g-1', timestamp: `2024-01-23T10:0${battery}:00Z`, battery, signal: -70 };
    await api.post('/datasets/gadget-telemetry/readings', 'application/json', JSON.stringify([reading]));
    await world.settled(6 - battery);
  }
  const contradicting = { sensorId: 'g-1', timestamp: '2024-01-23T10:05:00Z', battery: 6, signal: -70 };
  await api.post('/datasets/gadget-telemetry/readings', 'application/json', JSON.stringify([contradicting]));
  await world.settled(3);
  const table = 'Fecha,Medida,Desviaciones';
  await world.upload('landing/water-temperature/a.csv', `${table}\n2024/1/23,12.5,0.9\n2024/1/24,many,0.1\n`);
  await world.settled(5);
  await world.upload('landing/water-temperature/a.csv', `${table}\n2024/1/23,12.5,0.9\n2024/1/24,12.6,0.1\n`);
  await world.settled(7);
  await silence(world, api);
}

/** A gadget that has said nothing for hours, and is heard again. */
async function silence(world: CloudWorld, api: Api): Promise<void> {
  for (const [hoursAgo, lines, watched] of [
    [3, 8, { silent: 1, heard: 0, sent: 1 }],
    [0, 9, { silent: 0, heard: 1, sent: 0 }],
  ] as const) {
    const timestamp = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
    const reading = { sensorId: 'g-silent', timestamp, battery: 60, signal: -70 };
    await api.post('/datasets/gadget-telemetry/readings', 'application/json', JSON.stringify([reading]));
    await world.settled(lines);
    const { payload } = await invoke(world, 'WatchSilence', {});
    for (const [name, count] of Object.entries(watched))
      if (JSON.parse(payload)[name] !== count) throw new Error(`WatchSilence answered ${payload}`);
  }
}

/** The log of Firehose, which tells of the delivery that was refused. */
async function failedDelivery({ cloud }: CloudWorld): Promise<void> {
  const group = cloud.resources.find(({ logicalId }) => logicalId.startsWith('ReadingsLogs'));
  const logs = new CloudWatchLogsClient(clientSettings(cloud.endpointUrl));
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group?.ref }));
  if (events.length === 0) throw new Error('Firehose did not log the delivery that was refused.');
}

async function routes(api: Api): Promise<void> {
  const paths = [
    '/health',
    '/openapi.json',
    '/datasets',
    '/datasets/water-temperature',
    '/temp?year=2024&month=1',
    '/sd?year=2024&month=1',
    '/maxdiff?year=2024&month=1',
    '/datasets/gadget-telemetry/sensors',
    '/jobs?kind=ingest',
    '/datasets/gadget-telemetry/readings?sensor=g-1&from=2024-01-01&to=2024-01-31',
    '/datasets/water-temperature/gaps?sensor=aquasense&day=2024-01-24',
    '/datasets/gadget-telemetry/alerts?from=2024-01-01&to=2024-01-31',
    ...['period=day&from=2024-01-01&to=2024-01-31', 'period=month&from=2024-01&to=2024-01'].flatMap(
      (span) => [
        `/datasets/gadget-telemetry/statistics?${span}`,
        `/datasets/gadget-telemetry/statistics?${span}&sensor=g-1`,
      ],
    ),
  ];
  for (const path of paths) await api.get(path);
}

/** A page of the console, and what it is told when it begins. */
async function page({ cloud }: CloudWorld): Promise<void> {
  for (const path of ['/', '/config.json']) await mustAnswer(`${cloud.consoleUrl}${path}`);
}

/** The list of executions; one that failed, which is run again, and one of each machine that was stopped, which is continued. */
async function operations(world: CloudWorld, api: Api): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  await stopOne(world, world.target.machineArn, { replay: { from: day, to: day } });
  const absent = { bucket: output(world.cloud, 'CaudalJobs', 'ToonsBucket'), key: 'jobs/STOPPED/none.json' };
  await stopOne(world, output(world.cloud, 'CaudalJobs', 'JobMachine'), { request: absent, toonTypes: [] });
  for (const [machine, status] of [
    ['ingest', 'FAILED'],
    ['ingest', 'ABORTED'],
    ['jobs', 'ABORTED'],
    ['jobs', 'SUCCEEDED'],
  ] as const) {
    const query = `machine=${machine}&status=${status}`;
    const found = (await api.get(`/executions?${query}`)) as { executions: { name: string }[] };
    const [newest] = found.executions;
    if (newest === undefined) throw new Error(`There is no execution with ${query}.`);
    await api.get(`/executions/${newest.name}`);
    if (status !== 'SUCCEEDED') await api.post(`/executions/${newest.name}/redrive`, 'application/json', '');
  }
}

/** What is wrong; the rejected lines of a file; a refused file that is accepted, and a file that is withdrawn and brought back. */
async function corrections(world: CloudWorld, api: Api): Promise<void> {
  const key = 'landing/water-temperature/refused.csv';
  const rows = ['2024/2/1,12.5,0.9', '2024/2/2,12.6,0.9', 'x,1,1', 'y,1,1', 'z,1,1'];
  await world.upload(key, `Fecha,Medida,Desviaciones\n${rows.join('\n')}\n`);
  await eventually(async () => (await ledgerOf(world, key))?.state === 'Refused');
  const reading = { dataset: 'water-temperature', sensorId: 'w-1', timestamp: '2024-02-05T10:00:00Z' };
  const line = (of: object) => `${JSON.stringify({ ...reading, temperature: 12, ...of })}\n`;
  const withdrawn = 'raw/2024/02/05/10/withdrawn.gz';
  await world.upload(withdrawn, gzipSync(`${line({})}none\n`));
  // Of so many series the statistics are cut into several pages.
  const many = 'landing/water-temperature/many.ndjson';
  const series = Array.from({ length: 600 }, (_, at) => `m-${at}`);
  await world.upload(many, `${series.map((sensorId) => line({ sensorId })).join('')}none\n`);
  for (const object of [withdrawn, many])
    await eventually(async () => (await ledgerOf(world, object))?.state === 'Completed');
  await api.get('/status');
  await api.get('/metrics');
  for (const path of ['/refused-files', '/rejects', '/rejects?dataset=water-temperature'])
    await api.get(path);
  for (const object of [withdrawn, many])
    for (const path of ['/rejects/lines', '/rejects/mendable']) await api.get(`${path}?key=${object}`);
  const post = (path: string, sent: object) => api.post(path, 'application/json', JSON.stringify(sent));
  await post('/refused-files/accept', { key });
  for (const undo of [false, true]) {
    const sent = { key: withdrawn, undo };
    const left = async (dryRun: boolean) =>
      ((await post('/withdrawals', { ...sent, dryRun })) as { changes: number }).changes;
    await eventually(async () => (await left(true)) === 1);
    await left(false);
    await eventually(async () => (await left(true)) === 0);
  }
  for (const sensor of series.slice(0, 8)) {
    const span = { from: '2024-02-01', to: '2024-02-29' };
    await post('/withdrawals', { dataset: 'water-temperature', sensor, ...span, dryRun: true });
  }
}

/** Stops an execution before it ends, which may take several. */
async function stopOne({ stepFunctions }: CloudWorld, stateMachineArn: string, input: object): Promise<void> {
  await eventually(async () => {
    const { executionArn } = await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    await stepFunctions.send(new StopExecutionCommand({ executionArn })).catch(() => {}); // it has ended
    const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'ABORTED';
  });
}

/** An execution about an object that is not there. */
async function missingSegment(world: CloudWorld): Promise<void> {
  const segment = { bucket: world.target.rawBucket, key: 'landing/stock-ticks/none.csv', versionId: 'none' };
  const status = await execute(world, { segments: [segment] });
  if (status !== 'FAILED') throw new Error(`An execution about a missing object ended ${status}.`);
}

async function replays(world: CloudWorld): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  for (const dataset of [{}, { dataset: 'water-temperature' }]) {
    const status = await execute(world, { replay: { from: day, to: day, ...dataset } });
    if (status !== 'SUCCEEDED') throw new Error(`The replay ended ${status}.`);
  }
}

/** Uploads in parts: one that is completed and one that breaks off, of each function that makes them. */
async function brokenUploads(world: CloudWorld, faults: Exercised['faults']): Promise<void> {
  faults.add('ValidateSegment UploadPart');
  const key = 'landing/stock-ticks/rejected.ndjson';
  await world.upload(key, `${'x'.repeat(4000)}\n`.repeat(3000));
  await eventually(async () => (await ledgerOf(world, key))?.state === 'Failed');
  faults.clear();
  const { bucket, versionId } = (await ledgerOf(world, key)) ?? {};
  const status = await execute(world, { segments: [{ bucket, key, versionId }] });
  if (status !== 'SUCCEEDED') throw new Error(`What broke off is not mended: ${status}.`);

  const segments = Array.from({ length: 30_000 }, (_, at) => ({ bucket, key: `raw/${at}`, versionId: '1' }));
  const request = {
    jobId: 'j'.repeat(80),
    executionArn: 'arn',
    startedAt: new Date().toISOString(),
    input: { segments },
  };
  faults.add('PlanIngest UploadPart');
  if (!(await invoke(world, 'PlanIngest', request)).failed) throw new Error('The broken upload succeeded.');
  faults.clear();
  // It announces parts that never come: the merges of the executions after it wait for them, and are looked for.
  await mustSucceed(world, 'PlanIngest', request);
}

/** Jobs by every way of submitting one; a toon that is delivered again, one that is not there and one whose worker fails. */
async function toons(world: CloudWorld, api: Api, faults: Exercised['faults']): Promise<void> {
  const { jobs } = api;
  const made = [];
  for await (const toon of generateToons({ count: 6, seed: 1 })) made.push(toon);
  const inline = made.map(({ id, type, bytes }) => ({
    id,
    type,
    content: Buffer.from(bytes).toString('base64'),
  }));
  await jobs.submit({ jobId: 'INLINE', toons: inline });
  await ended(jobs, 'INLINE');
  await jobs.submit({ jobId: 'INLINE', toons: inline });
  for await (const { state, ...more } of jobs.results('INLINE')) {
    if (state !== 'Completed') throw new Error(`A toon failed: ${JSON.stringify(more)}`);
    const { url } = (more as { result?: { thumbnail?: { url?: string } } }).result?.thumbnail ?? {};
    if (url !== undefined) await mustAnswer(url);
  }
  await api.get('/jobs/INLINE');
  await api.get('/jobs/INLINE/results');

  const files = made
    .slice(0, 2)
    .map(({ name, bytes, contentType }) => ({ name, bytes: bytes.length, contentType }));
  const [first, second] = await jobs.links(files);
  if (first === undefined || second === undefined) throw new Error('The API gave no links.');
  await jobs.upload(first, made[0]?.bytes ?? Buffer.of());
  const document = Buffer.from(JSON.stringify({ toons: [{ id: 'one', type: 'image', key: first.key }] }));
  const [manifest] = await jobs.links([
    { name: 'manifest.json', bytes: document.length, contentType: 'application/json' },
  ]);
  if (manifest === undefined) throw new Error('The API gave no link.');
  await jobs.upload(manifest, document);
  await jobs.submit({ jobId: 'MANIFEST', manifest: manifest.key });
  await ended(jobs, 'MANIFEST');
  const absent = await jobs.submit({ jobId: 'ABSENT', manifest: `${manifest.key}-not` }).catch(String);
  if (!String(absent).includes('400'))
    throw new Error(`An absent manifest is answered: ${JSON.stringify(absent)}`);

  const bucket = output(world.cloud, 'CaudalJobs', 'ToonsBucket');
  const [toon] = planToons('AGAIN', [
    { toonId: 't', type: 'binary', source: { bucket, key: 'jobs/absent' } },
  ]);
  faults.add('ProcessToon UpdateItem');
  if (!(await invoke(world, 'ProcessToon', toon)).failed) throw new Error('The broken worker succeeded.');
  faults.clear();
  await mustSucceed(world, 'ProcessToon', toon);
  await mustSucceed(world, 'ProcessToon', toon);
  await forget(world);
  await mustSucceed(world, 'ProcessToon', toon);
  const request = { jobId: 'GONE', executionArn: 'arn', request: { bucket, key: 'jobs/GONE/none.json' } };
  const gone = await invoke(world, 'PlanJob', request);
  if (!gone.payload.includes('StagingMissing')) throw new Error(`PlanJob answered: ${gone.payload}`);
}

/** A file by a link, from its upload to its months, and one that nobody began. */
async function uploads({ cloud }: CloudWorld, api: Api): Promise<void> {
  const post = (path: string, sent: object) => api.post(path, 'application/json', JSON.stringify(sent));
  const bytes = 'Fecha,Medida,Desviaciones\n2024/1/25,12.5,0.9\n';
  const begun = await post('/uploads', { name: 'b.csv', bytes: bytes.length });
  const { uploadId, url, headers } = begun as {
    uploadId: string;
    url: string;
    headers: Record<string, string>;
  };
  const path = `/uploads/${uploadId}`;
  await api.get(path);
  const sent = await fetch(url, { method: 'PUT', headers, body: bytes });
  if (!sent.ok) throw new Error(`The link answered ${sent.status}: ${await sent.text()}`);
  await post(`${path}/inspect`, {});
  await post(`${path}/preview`, { dataset: 'water-temperature' });
  await post(`${path}/land`, { dataset: 'water-temperature' });
  await eventually(async () => ((await api.get(path)) as { state: string }).state === 'completed');
  const headersOfOperator = {
    authorization: `Bearer ${await accessToken(cloud, 'caudal/operate')}`,
    'content-type': 'application/json',
  };
  const unknown = `${cloud.apiUrl}/uploads/${crypto.randomUUID()}`;
  for (const answer of [
    await fetch(unknown, { headers: headersOfOperator }),
    await fetch(`${unknown}/inspect`, { method: 'POST', headers: headersOfOperator, body: '{}' }),
  ])
    if (answer.status !== 404) throw new Error(`An unknown upload is answered with ${answer.status}.`);
}

/** A calendar with a snapshot, whose commands come to new processes too, and a commit that only the schedule publishes. */
async function streams(world: CloudWorld, api: Api, faults: Exercised['faults']): Promise<void> {
  const path = '/streams/reservations/salon-1';
  const commandOf = (n: number) => {
    const [slotStart, slotEnd] = [n, n + 1].map((hour) =>
      new Date(Date.now() + hour * 3_600_000).toISOString(),
    );
    const data = { reservationId: `r-${n}`, employeeId: 'e-1', userId: 'u-1', slotStart, slotEnd };
    return { commandId: `c-${n}`, name: 'create', data };
  };
  const create = (n: number) => {
    const command = commandOf(n);
    return () => api.post(`${path}/commands`, 'application/json', JSON.stringify(command));
  };
  const first = create(2);
  await first();
  await first();
  const between = new Date().toISOString();
  for (let n = 4; n < 4 + 2 * 51; n += 2) await create(n)();
  await Promise.all([200, 202, 204, 206].map((n) => create(n)()));
  await api.get(path);
  await api.get(`${path}?at=${between}`);
  await api.get(`${path}/events`);
  // Of several streams, again until a process has them that knows them all: it puts their commits together.
  for (let n = 2; n < 2 + 2 * 6; n += 2) {
    const commands = ['salon-2', 'salon-3', 'salon-4'].map((id) => ({ id, ...commandOf(n) }));
    await api.post('/streams/reservations/commands', 'application/json', JSON.stringify({ commands }));
  }
  faults.add('CommandStreams BatchGetItem');
  await create(300)();
  faults.clear();
  await mustSucceed(world, 'RelayCommits', {});
  const logs = await Promise.all([0, 1, 2, 3].map((partition) => api.get(`/log/${partition}`)));
  if (!JSON.stringify(logs).includes('"position":57')) throw new Error('A commit is in no log.');
}

async function ended(jobs: JobClient, jobId: string): Promise<void> {
  await eventually(async () => {
    const { state, error, cause } = await jobs.state(jobId);
    if (state === 'Failed') throw new Error(`The job ${jobId} failed: ${error}: ${cause}`);
    return state === 'Completed';
  });
}

async function execute(world: CloudWorld, input: object): Promise<string> {
  const { stepFunctions, target } = world;
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: target.machineArn, input: JSON.stringify(input) }),
  );
  let status = 'RUNNING';
  await eventually(async () => {
    ({ status = '' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn })));
    return status !== 'RUNNING';
  });
  return status;
}

async function invoke(world: CloudWorld, part: string, event: unknown) {
  const lambda = new LambdaClient(clientSettings(world.cloud.endpointUrl));
  const found = world.cloud.resources.find(
    ({ logicalId, type }) => type === 'AWS::Lambda::Function' && logicalId.includes(part),
  );
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: found?.ref, Payload: JSON.stringify(event) }),
  );
  return {
    failed: answer.FunctionError !== undefined,
    payload: Buffer.from(answer.Payload ?? []).toString(),
  };
}

async function mustSucceed(world: CloudWorld, part: string, event: unknown): Promise<void> {
  const { failed, payload } = await invoke(world, part, event);
  if (failed) throw new Error(`${part} failed: ${payload}`);
}

async function mustAnswer(url: string): Promise<void> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The link answered ${answer.status}: ${await answer.text()}`);
}

async function ledgerOf({ documents, target }: CloudWorld, wanted: string) {
  const { Items: items = [] } = await documents.send(new ScanCommand({ TableName: target.jobsTable }));
  return items.find(({ sk, key }) => sk === 'ledger' && key === wanted);
}

/** Empties the table of what was done already. */
async function forget({ cloud, documents }: CloudWorld): Promise<void> {
  const TableName = output(cloud, 'CaudalData', 'IdempotencyTable');
  const { Items: items = [] } = await documents.send(new ScanCommand({ TableName }));
  for (const { id } of items) await documents.send(new DeleteCommand({ TableName, Key: { id } }));
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`It did not come about in ${patienceMs} ms: ${holds}`);
    await pause(250);
  }
}
