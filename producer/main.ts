import { setFlagsFromString } from 'node:v8';
import { datasets } from '#datasets';
import { OptionError } from '../cli/numbers.ts';
import { RegionMissing } from './delivery/sender.ts';
import { help } from './help.ts';
import { readOptions } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';
import { SpoolInUse } from './spool/spool-directory.ts';

// Readings live for microseconds: the young generation stays small instead of growing to 64 MiB, at no cost in speed.
setFlagsFromString('--semi-space-growth-factor=1');

/** Runs the command line. @returns the exit code: 0 when all was acknowledged, 2 for a call that cannot be carried out */
async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'toons') return (await import('./toons/command.ts')).run(argv.slice(1));
  const options = readOptions(argv);
  if (options.help) {
    console.log(help);
    return 0;
  }
  const [stop, halt] = [new AbortController(), new AbortController()];
  const interrupt = () => (stop.signal.aborted ? halt.abort() : stop.abort());
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const report = await run(options, datasets, { stop: stop.signal, halt: halt.signal });
  console.log(options.json ? JSON.stringify(report) : renderReport(report, options.dryRun));
  if (!report.ok && report.unacknowledged > 0) {
    const where = options.spool
      ? `They are in ${options.spool.directory}: the same command sends them.`
      : 'Without --spool they are lost unless the source is sent again.';
    console.error(`${report.unacknowledged} lines are not acknowledged. ${where}`);
  }
  return report.ok && report.tooLarge === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const isUsage = error instanceof OptionError || code.startsWith('ERR_PARSE_ARGS');
  const isExpected = isUsage || error instanceof SpoolInUse || error instanceof RegionMissing || code !== '';
  console.error(isExpected ? `${message}${isUsage ? ' (--help shows all options)' : ''}` : error);
  process.exitCode = isUsage ? 2 : 1;
}
