import { datasets } from '#datasets';
import { print, printError } from '../cli/print.ts';
import { defineInstallationVerb } from '../cli/stage.ts';
import { optionsOf, producerOptions } from './options.ts';
import { renderReport } from './report.ts';
import { run } from './run.ts';

/** `npm run producer -- [options]`: the exit code is 0 when all was acknowledged. */
export const producer = defineInstallationVerb({
  command: 'npm run producer --',
  summary: 'streams sensor readings into Amazon Data Firehose',
  usage: ['[options]', 'toons [options]   submits toons as a job: toons --help'],
  about: [
    'Streams sensor readings into Amazon Data Firehose: packed into records, retried, kept on disk, counted. They come from files, standard input or MQTT; without --file, --stdin and --mqtt they are made up.',
  ],
  options: producerOptions,
  exclusive: [
    ['file', 'stdin', 'mqtt'],
    ['mqtt-sensor', 'sensor-id'],
    ['mqtt-publish', 'stream'],
  ],
  notes: [
    'Ctrl-C stops the source and sends what was taken in; a second one stops at once. The exit code is 0 only when everything was acknowledged. Credentials, region and endpoint are found as the AWS SDK does; without any, the local cloud (npm start) is used.',
  ],
  examples: [
    'npm run producer -- --dataset water-temperature --count 1000 --sensors 20',
    'npm run producer -- --dataset gadget-telemetry --backfill 2y --every 15m --sensors 50 --dry-run',
    "npm run producer -- --dataset water-temperature --file 'stations/*.csv' --rejects rejects.ndjson",
    'npm run producer -- --mqtt mqtt://localhost/gadgets/+ --dataset gadget-telemetry --spool /var/spool/caudal',
    'npm run producer -- --mqtt mqtt://localhost/tele/+/SENSOR --mqtt-sensor 2 --dataset gadget-telemetry',
    'npm run producer -- --mqtt-publish mqtts://localhost/caudal/water-temperature/mast-7 --mqtt-cert keys/mast-7.pem --mqtt-key keys/mast-7-key.pem --mqtt-ca .caudal/state/iot/ca.pem --count 100',
    'npm run producer -- --count 200000 --duplicates 2% --late 2% --invalid 1% --shuffle --expect expected.json',
  ],
  async run(typed) {
    const options = optionsOf(typed);
    const [stop, halt] = [new AbortController(), new AbortController()];
    const interrupt = () => (stop.signal.aborted ? halt.abort() : stop.abort());
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    const report = await run(options, datasets, { stop: stop.signal, halt: halt.signal });
    print(options.json ? JSON.stringify(report) : renderReport(report, options.dryRun));
    if (!report.ok && report.unacknowledged > 0) {
      const where = options.spool
        ? `They are in ${options.spool.directory}: the same command sends them.`
        : 'Without --spool they are lost unless the source is sent again.';
      printError(`${report.unacknowledged} lines are not acknowledged. ${where}`);
    }
    return report.ok && report.tooLarge === 0 ? 0 : 1;
  },
});
