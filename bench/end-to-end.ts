import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ApiClient } from '../cli/api-client.ts';
import { type DemoTarget, targetApi } from '../demo/demo.ts';
import { settle } from '../demo/settle.ts';
import { synthesize } from '../demo/synthesize.ts';
import { createReconcilePorts } from '../operator/reconcile/reconcile-ports.ts';
import type { Report } from '../producer/report.ts';
import { root, startCloudProcess } from './cloud/start.ts';

/**
 * `node bench/end-to-end.ts [--quick]`: readings a second from the producer's start until the API counts them all, on a local
 * cloud with empty stores: producer, cloud and functions share this machine's cores. See bench/README.md.
 */
const start = '2026-01-01T00:00:00Z';
const span = 'period=month&from=2025-12&to=2026-12';

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      readings: { type: 'string' },
      sensors: { type: 'string', default: '200' },
      every: { type: 'string', default: '10s' },
      'time-scale': { type: 'string', default: '20' },
      'cloud-node': { type: 'string', multiple: true, default: [] },
    },
  });
  const readings = Number(values.readings ?? (values.quick ? 1_000_000 : 5_000_000));
  const assembly = await synthesize(root);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
  const cloud = await startCloudProcess({
    assembly,
    directory,
    timeScale: Number(values['time-scale']),
    nodeOptions: values['cloud-node'],
  });
  try {
    const { get } = targetApi(cloud.target);
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)} before), Node ${process.version}; ` +
        `${readings} readings of ${values.sensors} sensors, one in ${values.every}; 1% duplicates, 1% invalid\n`,
    );
    const cpuAtStart = childrenCpuSeconds();
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1_000;
    const report = await produce(cloud.target, [
      ...['--count', String(readings), '--sensors', values.sensors, '--every', values.every],
    ]);
    const acknowledged = elapsed();
    const producerCpu = childrenCpuSeconds() - cpuAtStart;
    const executions = await settled(cloud.target, report.lines);
    const merged = elapsed();
    const counted = await countedBy(get);
    const seconds = elapsed();
    const cloudCpu = await cloud.cpuSeconds();
    await cloud.close();
    const functionsCpu = childrenCpuSeconds() - cpuAtStart - producerCpu - cloudCpu;

    const rate = (count: number, took: number) => `${Math.round(count / took).toLocaleString('en')}/s`;
    const row = (name: string, at: number, text: string) =>
      console.log(`${name.padEnd(44)}${at.toFixed(1).padStart(8)} s  ${text}`);
    row('the producer has every line acknowledged', acknowledged, rate(report.lines, acknowledged));
    row(
      'every object is validated and merged',
      merged,
      `${rate(report.lines, merged)}, ${executions} executions`,
    );
    row('the API counts every reading', seconds, `${rate(report.readings, seconds)} end to end`);
    const cpu = producerCpu + cloudCpu + functionsCpu;
    row('CPU of all', cpu, `${rate(report.readings, cpu / availableParallelism())} if nothing else ran here`);
    row('  producer', producerCpu, '');
    row("  the cloud's own process", cloudCpu, '');
    row('  functions', functionsCpu, '');
    if (counted !== report.readings) {
      throw new Error(`the API counts ${counted} readings, ${report.readings} were sent`);
    }
    console.log(
      `\n${report.lines} lines sent: ${report.readings} readings, each counted once by the API, ` +
        `${report.duplicates} duplicates, ${report.invalid} invalid`,
    );
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs the producer's command line against the cloud. */
function produce({ endpointUrl }: DemoTarget, size: readonly string[]): Promise<Report> {
  const args = ['--dataset', 'water-temperature', '--start', start, '--seed', '1', ...size];
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['producer/main.ts', ...args, '--duplicates', '1%', '--invalid', '1%', '--json', '--quiet'],
      {
        cwd: root,
        env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed) as Report);
      else reject(new Error(`The producer ended with code ${code}.`));
    });
  });
}

/** Waits until the lines are in ledgers and no execution runs. Resolves to the number of executions. */
async function settled(target: DemoTarget, lines: number): Promise<number> {
  const settings = {
    endpoint: target.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const ports = createReconcilePorts({
    ...target,
    s3: new S3Client(settings),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  });
  const stepFunctions = new SFNClient(settings);
  await settle({ stepFunctions, machineArn: target.machineArn, ports, lines });
  const list = new ListExecutionsCommand({ stateMachineArn: target.machineArn, maxResults: 1_000 });
  return (await stepFunctions.send(list)).executions?.length ?? 0;
}

/** What the API's months add up to. */
async function countedBy(get: ApiClient['get']): Promise<number> {
  const answer = await get<{ statistics: { count: number }[] }>(
    `/datasets/water-temperature/statistics?${span}`,
  );
  return answer.statistics.reduce((sum, { count }) => sum + count, 0);
}

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksASecond = 100;

/**
 * CPU seconds of the child processes that have ended, theirs included; NaN where there is no /proc. On a machine with
 * other work it tells more than the clock does.
 */
function childrenCpuSeconds(): number {
  if (!existsSync('/proc/self/stat')) return Number.NaN;
  // The name of the program, in parentheses, may hold blanks: the fields are counted behind it.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = [fields[13], fields[14]];
  return (Number(user) + Number(system)) / ticksASecond;
}

await main(process.argv.slice(2));
