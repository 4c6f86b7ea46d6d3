import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ApiClient } from '../cli/api-client.ts';
import { targetApi } from '../demo/demo.ts';
import { synthesize } from '../demo/synthesize.ts';
import { childrenCpuSeconds } from './cloud/cpu.ts';
import { produce, settledExecutions, timedVerb } from './cloud/ingest.ts';
import { root, startCloudProcess } from './cloud/start.ts';

/**
 * `node bench/end-to-end.ts [--quick] [--dataset NAME --start TIME]`: readings a second from the producer's start until the API counts them all, on a local
 * cloud with empty stores: producer, cloud and functions share this machine's cores. See bench/README.md.
 */
const span = 'period=month&from=2024-12&to=2026-12';

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      dataset: { type: 'string', default: 'water-temperature' },
      start: { type: 'string', default: '2026-01-01T00:00:00Z' },
      report: { type: 'string' },
      readings: { type: 'string' },
      sensors: { type: 'string', default: '200' },
      every: { type: 'string', default: '10s' },
      'time-scale': { type: 'string', default: '100' },
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
        `${readings} readings of ${values.dataset}, ${values.sensors} sensors, one in ${values.every}; 1% duplicates, 1% invalid\n`,
    );
    const cpuAtStart = childrenCpuSeconds();
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1_000;
    const report = await produce(cloud.target, [
      ...['--dataset', values.dataset, '--start', values.start, '--seed', '1'],
      ...['--duplicates', '1%', '--invalid', '1%'],
      ...['--count', String(readings), '--sensors', values.sensors, '--every', values.every],
    ]);
    const acknowledged = elapsed();
    const producerCpu = childrenCpuSeconds() - cpuAtStart;
    const executions = (await settledExecutions(cloud.target, report.lines)).length;
    const merged = elapsed();
    const counted = await countedBy(get, values.dataset);
    const seconds = elapsed();
    const cloudCpu = await cloud.cpuSeconds();
    const reports = values.report === undefined ? [] : await timedReports(cloud.target, values);
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
    for (const took of reports) row(`the report of ${values.report}, of one of them`, took, '');
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

/** Seconds of the command that writes the report of a month of one entity, twice: the second time all files are fetched already. */
async function timedReports(
  target: { endpointUrl: string },
  { dataset, report: month = '' }: { dataset: string; report?: string | undefined },
): Promise<number[]> {
  const out = mkdtempSync(join(tmpdir(), 'caudal-reports-'));
  const verb = ['report', dataset, '--month', month, '--salon', '7', '--out', out];
  try {
    return [await timedVerb(target, verb), await timedVerb(target, verb)].map((ms) => ms / 1_000);
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** What the API's months add up to. */
async function countedBy(get: ApiClient['get'], dataset: string): Promise<number> {
  const answer = await get<{ statistics: { count: number }[] }>(`/datasets/${dataset}/statistics?${span}`);
  return answer.statistics.reduce((sum, { count }) => sum + count, 0);
}

await main(process.argv.slice(2));
