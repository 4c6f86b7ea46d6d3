import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type LocalCloud, startCloud } from '../local/engine/cloud.ts';
import { demoTarget, runDemo } from './demo.ts';
import { curlPage, reportPage } from './report.ts';
import { synthesize } from './synthesize.ts';

const help = `Runs Caudal on this machine, from the synthesized template, and shows it at work.

Usage: npm start -- [options]

  --once             exits after the report; the exit code is 0 only when everything adds up
  --no-demo          starts the cloud alone: no upload, no readings, no report
  --fresh            begins with empty stores (default: goes on with what .caudal/ holds)
  --time-scale N     divides Firehose's buffer time, the pipe's window and retries' waits (default 60)
  --timeout-factor N multiplies the timeouts of functions and tasks, on a slow or busy machine (default 1)
  --port N           the AWS endpoint (default 4566)
  --api-port N       the HTTP API (default 4567)
  --token-port N     the token endpoint (default 4568); a port of 0 is any free one
  --directory DIR    where everything is kept (default .caudal)`;

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      once: { type: 'boolean', default: false },
      'no-demo': { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      'time-scale': { type: 'string', default: '60' },
      'timeout-factor': { type: 'string', default: '1' },
      port: { type: 'string', default: '4566' },
      'api-port': { type: 'string', default: '4567' },
      'token-port': { type: 'string', default: '4568' },
      directory: { type: 'string', default: '.caudal' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const began = performance.now();
  const tell = (step: string) =>
    console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s  ${step}`);

  const directory = resolve(root, values.directory);
  tell('synthesizing the app');
  const assembly = await synthesize(root);
  tell('starting the local cloud');
  const cloud = await startCloud({
    assembly,
    directory,
    fresh: values.fresh,
    timeScale: positive('time-scale', values['time-scale']),
    timeoutFactor: positive('timeout-factor', values['timeout-factor']),
    ports: {
      endpoint: port('port', values.port),
      api: port('api-port', values['api-port']),
      token: port('token-port', values['token-port']),
    },
  });
  const cloudFile = join(directory, 'cloud.json');
  const { endpointUrl, apiUrl, tokenUrl } = cloud;
  writeFileSync(cloudFile, JSON.stringify({ endpointUrl, apiUrl, tokenUrl, pid: process.pid }, null, 2));
  tell(`up: AWS endpoint ${endpointUrl}, API ${apiUrl}`);
  const ended = interruption();
  let exitCode = 0;
  try {
    if (!values['no-demo']) exitCode = await demonstrate(cloud, tell);
    if (!values.once) {
      console.log('\nCaudal stays up until Ctrl-C.');
      await ended;
    }
  } finally {
    rmSync(cloudFile, { force: true });
    await cloud.close();
  }
  return exitCode;
}

async function demonstrate(cloud: LocalCloud, tell: (step: string) => void): Promise<number> {
  const target = demoTarget(root, cloud);
  const results = await runDemo(target, tell);
  tell('done\n');
  console.log(`${reportPage(results)}\n\n${curlPage(target)}`);
  return results.faults.length === 0 ? 0 : 1;
}

/** Resolves at the first Ctrl-C or request to end; the second one ends the process at once, as usual. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new Error(`--${name} takes a port from 0 to 65535, not "${text}"`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1) return value;
  throw new Error(`--${name} takes a number from 1 on, not "${text}"`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
