import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runVerb } from '../cli/command-line.ts';
import { namedStage, stageVariable } from '../cli/connection.ts';
import { decimalNumber, flag, port, text } from '../cli/options.ts';
import { print } from '../cli/print.ts';
import { stageOption } from '../cli/stage.ts';
import { defineVerb, type Values } from '../cli/verb.ts';
import { startCloud } from '../local/engine/cloud.ts';
import { type DemoTarget, demoTarget, runDemo } from './demo.ts';
import { openInBrowser } from './open.ts';
import { reloadDatasets } from './reload.ts';
import { commandsPage, curlPage, reportPage } from './report.ts';
import { configuredStage, synthesize } from './synthesize.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The exit code of a demonstration that was ended by Ctrl-C, as shells give it. */
const interrupted = 128 + constants.signals.SIGINT;

const options = {
  once: flag({ help: 'exits after the report; the exit code is 0 only when everything adds up' }),
  'no-demo': flag({ help: 'starts the cloud alone: no upload, no readings, no report' }),
  fresh: flag({ help: 'begins with empty stores; otherwise goes on with what the directory holds' }),
  'time-scale': decimalNumber({
    help: "divides Firehose's buffer time, the pipe's window and retries' waits",
    min: 1,
    default: 300,
  }),
  'timeout-factor': decimalNumber({
    help: 'multiplies the timeouts of functions and tasks, on a slow or busy machine',
    min: 1,
    default: 1,
  }),
  port: port({ help: 'the AWS endpoint', default: 4566 }),
  'api-port': port({ help: 'the HTTP API', default: 4567 }),
  'token-port': port({ help: 'the token endpoint', default: 4568 }),
  'console-port': port({ help: 'the console, in the browser', default: 4569 }),
  'mqtt-port': port({ help: 'the broker of devices, where caudal:devices is true', default: 8883 }),
  open: flag({ help: "opens the console with the system's own browser, on a terminal" }),
  context: text({
    valueName: 'KEY=VALUE',
    pattern: /^caudal:\w+=/,
    accepted: 'a key of the configuration and its value, as caudal:devices=true',
    help: 'a value of the configuration instead of the one in cdk.json, as of npx cdk',
    repeatable: true,
  }),
  ...stageOption,
  directory: text({ valueName: 'DIR', help: 'where everything is kept', default: '.caudal' }),
};

const start = defineVerb({
  command: 'npm start --',
  summary: 'runs Caudal on this machine, from the synthesized template, and shows it at work',
  about: ['Runs Caudal on this machine, from the synthesized template, and shows it at work.'],
  options,
  notes: ['A port of 0 is any free one.'],
  examples: [
    'npm start',
    'npm start -- --context caudal:devices=true',
    'npm start -- --no-demo --port 0 --api-port 0 --token-port 0 --console-port 0',
  ],
  run: runCaudal,
});

async function runCaudal(given: Values<typeof options>): Promise<number> {
  const began = performance.now();
  const tell = (step: string) =>
    console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s  ${step}`);

  const stage = given.stage ?? namedStage() ?? configuredStage(root);
  if (stage !== undefined) process.env[stageVariable] = stage; // for all that looks for the installation in this process
  const directory = resolve(root, given.directory);
  tell('synthesizing the app');
  const configured = Object.fromEntries(given.context.map((each) => each.split(/=(.*)/s)));
  const assembly = await synthesize(root, directory, { stage, options: configured });
  tell('starting the local cloud');
  const cloud = await startCloud({
    assembly,
    directory,
    fresh: given.fresh,
    users: [
      { name: 'operator', groups: ['operator'] },
      { name: 'viewer', groups: ['viewer'] },
    ],
    timeScale: given.timeScale,
    timeoutFactor: given.timeoutFactor,
    ports: {
      endpoint: given.port,
      api: given.apiPort,
      token: given.tokenPort,
      console: given.consolePort,
      mqtt: given.mqttPort,
    },
  });
  const cloudFile = join(directory, 'cloud.json');
  const { endpointUrl, apiUrl, tokenUrl, consoleUrl } = cloud;
  const about = { consoleUrl, endpointUrl, apiUrl, tokenUrl, stage, pid: process.pid };
  writeFileSync(cloudFile, JSON.stringify(about, null, 2));
  if (consoleUrl !== undefined) {
    tell(`up: the console is at ${consoleUrl}`);
    if (given.open) await openInBrowser(consoleUrl, tell);
  }
  if (cloud.mqtt !== undefined)
    tell(
      `up: devices connect to mqtts://${cloud.mqtt.endpoint}, whose authority is ${cloud.mqtt.authorityFile}`,
    );
  tell(`up: AWS endpoint ${endpointUrl}, API ${apiUrl}`);
  const interruption = firstInterruption();
  let exitCode = 0;
  try {
    const ended = once(interruption, 'abort');
    if (!given.once)
      void reloadDatasets({
        ...{ root, build: directory, cloud, assembly, stage, tell, signal: interruption },
        options: configured,
      });
    if (!given.noDemo) {
      const demonstration = demonstrate(
        { ...demoTarget(root, cloud, stage), directory },
        {
          consoleUrl,
          tell,
          signal: interruption,
        },
      );
      const shown = await Promise.race([demonstration, ended]);
      if (typeof shown === 'number') exitCode = shown;
      else {
        demonstration.catch(() => {}); // the cloud closes under it
        tell(`interrupted: the cloud closes; ${directory} keeps what it acknowledged`);
        exitCode = interrupted;
      }
    }
    if (!given.once && !interruption.aborted) {
      if (given.noDemo) console.log(`\n${commandsPage(endpointUrl)}`);
      const looking = consoleUrl === undefined ? '' : ` Look at it in the browser: ${consoleUrl}`;
      console.log(`\nCaudal stays up until Ctrl-C.${looking}`);
      await ended;
    }
  } finally {
    rmSync(cloudFile, { force: true });
    await cloud.close();
  }
  return exitCode;
}

async function demonstrate(
  target: DemoTarget & { readonly directory: string },
  {
    consoleUrl,
    tell,
    signal,
  }: { consoleUrl: string | undefined; tell: (step: string) => void; signal: AbortSignal },
): Promise<number> {
  const results = await runDemo(target, tell, signal);
  tell('done\n');
  const looking = consoleUrl === undefined ? [] : [`console      ${consoleUrl}`];
  print(
    [...looking, reportPage(results), '', curlPage(target), '', commandsPage(target.endpointUrl)].join('\n'),
  );
  return results.faults.length === 0 ? 0 : 1;
}

/** Aborts at the first Ctrl-C or request to end; the second one ends the process at once, as usual. */
function firstInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

process.exitCode = await runVerb(start, process.argv.slice(2));
if (process.exitCode === interrupted) process.exit(); // what the demonstration still waits for must not keep the process
