import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from '../cli/command-line.ts';
import { producer } from './command.ts';

// Readings live for microseconds: the young generation stays small instead of growing to 64 MiB, at no cost in speed.
setFlagsFromString('--semi-space-growth-factor=1');

/** Faults whose message says all, by name: their classes would load the SDK's clients. */
const speaking = ['SpoolInUse', 'RegionMissing', 'ApiRefusal', 'NotInstalled'];

function explain(fault: unknown): string | undefined {
  const { name = '', message, syscall } = fault as NodeJS.ErrnoException;
  return speaking.includes(name) || (syscall !== undefined && syscall !== 'connect') ? message : undefined;
}

process.exitCode = await runCommandLine(
  {
    command: 'npm run producer --',
    about: [],
    notes: [],
    verbs: { toons: async () => (await import('./toons/command.ts')).toons },
  },
  process.argv.slice(2),
  { withoutVerb: producer, explain },
);
