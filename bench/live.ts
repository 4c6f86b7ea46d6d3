import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dayMs } from '../core/time/duration.ts';
import { targetApi } from '../demo/demo.ts';
import { synthesize } from '../demo/synthesize.ts';
import type { StatusReport } from '../handlers/operations/status/status-report.ts';
import { produce, settledExecutions } from './cloud/ingest.ts';
import { root, startCloudProcess } from './cloud/start.ts';

/**
 * `node bench/live.ts [--sensors N] [--minutes N] [--time-scale N]`: a reading a second of each sensor through `producer --live`, on a local cloud
 * with empty stores and the time scale of `npm start`, and once a minute what `status` says: whether the ingestion keeps up shows in how long an object waits, and in the cloud's
 * memory. See bench/README.md.
 */
async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      sensors: { type: 'string', default: '2000' },
      minutes: { type: 'string', default: '30' },
      'time-scale': { type: 'string', default: '300' },
    },
  });
  const minutes = Number(values.minutes);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-live-'));
  const timeScale = Number(values['time-scale']);
  const cloud = await startCloudProcess({
    assembly: await synthesize(root),
    directory: join(directory, 'cloud'),
    timeScale,
  });
  try {
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)} before), Node ${process.version}; ${values.sensors} sensors, a reading a second each, ${minutes} minutes, time scale ${timeScale}\n`,
    );
    const live = ['--live', '--sensors', values.sensors, '--every', '1s', '--duration', `${minutes}m`];
    let ended = false;
    const produced = produce(cloud.target, ['--dataset', 'gadget-telemetry', ...live]).finally(() => {
      ended = true;
    });
    console.log(' minute    waiting   oldest, s   running   failed   cloud, MiB   status');
    const waits: number[] = [];
    const memory: number[] = [];
    for (let minute = 1; !ended; minute++) {
      await Promise.race([pause(60_000), produced]);
      const { exitCode, report } = await status(cloud.target.endpointUrl);
      const { waiting, oldestWaiting } = report.objects;
      const waitsS = oldestWaiting ? (Date.parse(report.at) - oldestWaiting.arrivedMs) / 1_000 : 0;
      const mib = (await cloud.residentBytes()) / 2 ** 20;
      waits.push(waitsS);
      memory.push(mib);
      const { running, failed } = report.executions;
      console.log(
        `${[String(minute).padStart(7), String(waiting).padStart(10), waitsS.toFixed(0).padStart(11), String(running).padStart(9)].join(' ')}${String(failed).padStart(9)}${mib.toFixed(0).padStart(13)}${exitCode.toString().padStart(9)}`,
      );
    }
    const { acknowledged, elapsedMs } = await produced;
    const began = performance.now();
    const executions = await settledExecutions(cloud.target, acknowledged);
    const settledS = (performance.now() - began) / 1_000;
    const counted = await countedReadings(cloud.target);
    console.log(`
acknowledged                             ${acknowledged}, ${Math.round(acknowledged / (elapsedMs / 1_000))} a second
counted by the API                       ${counted}
all merged after the last                ${settledS.toFixed(1)} s
longest wait of an object                ${Math.max(...waits).toFixed(0)} s
executions                               ${executions.length}, ${executions.filter(({ status: each }) => each !== 'SUCCEEDED').length} of them not succeeded
memory of the cloud, last to middle third  ${growthOf(memory)?.toFixed(2) ?? 'three minutes are too few'}`);
    if (counted !== acknowledged)
      throw new Error(`the API counts ${counted} readings, ${acknowledged} were acknowledged`);
    if (executions.some(({ status: each }) => each !== 'SUCCEEDED')) throw new Error('executions failed');
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The mean of the last third of a run by that of the middle one. */
function growthOf(minutes: readonly number[]): number | undefined {
  const third = Math.floor(minutes.length / 3);
  if (third < 2) return undefined;
  const mean = (of: readonly number[]) => of.reduce((sum, each) => sum + each, 0) / of.length;
  return mean(minutes.slice(-third)) / mean(minutes.slice(third, 2 * third));
}

/** What `status` prints for machines, and its exit code. */
async function status(endpointUrl: string): Promise<{ exitCode: number; report: StatusReport }> {
  const child = spawn(process.execPath, ['operator/main.ts', 'status', '--json'], {
    cwd: root,
    env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = Promise.withResolvers<number>();
  child.once('close', (code) => ended.resolve(code ?? Number.NaN));
  const printed = (await Array.fromAsync(child.stdout)).join('');
  return { exitCode: await ended.promise, report: JSON.parse(printed) as StatusReport };
}

async function countedReadings(target: Parameters<typeof targetApi>[0]): Promise<number> {
  const month = (afterDays: number) =>
    new Date(Date.now() + afterDays * dayMs).toISOString().slice(0, 'yyyy-MM'.length);
  const { statistics } = await targetApi(target).get<{ statistics: { count: number }[] }>(
    `/datasets/gadget-telemetry/statistics?period=month&from=${month(-1)}&to=${month(1)}`,
  );
  return statistics.reduce((sum, { count }) => sum + count, 0);
}

await main(process.argv.slice(2));
