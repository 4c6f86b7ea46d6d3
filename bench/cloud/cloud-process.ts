import { parseArgs } from 'node:util';
import { demoTarget } from '../../demo/demo.ts';
import { startCloud } from '../../local/engine/cloud.ts';
import type { CloudAnswer, CloudQuestion } from './start.ts';

/** A local cloud in a process of its own; it ends with its parent. */
const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '.' },
    assembly: { type: 'string', default: '' },
    directory: { type: 'string', default: '' },
    'time-scale': { type: 'string', default: '60' },
  },
});
const cloud = await startCloud({
  assembly: values.assembly,
  directory: values.directory,
  fresh: true,
  timeScale: Number(values['time-scale']),
  ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
});
const answer = (message: CloudAnswer) => process.send?.(message);
process.on('message', (question: CloudQuestion) => {
  const { user, system } = process.cpuUsage();
  const residentBytes = process.memoryUsage.rss();
  if (question === 'used') answer({ kind: 'used', cpuSeconds: (user + system) / 1e6, residentBytes });
  else void cloud.close().then(() => process.disconnect());
});
process.once('disconnect', () => void cloud.close().then(() => process.exit()));
answer({ kind: 'up', target: demoTarget(values.root, cloud) });
