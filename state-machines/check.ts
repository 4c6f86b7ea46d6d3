import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionFaults } from './definition-faults.ts';

/** `npm run check`: prints what is wrong with the state machines, and ends with 1 when anything is. */
const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.asl.json'));
const faults = await Promise.all(
  names.map((name) => definitionFaults(name, readFileSync(join(import.meta.dirname, name), 'utf8'))),
);
for (const fault of faults.flat()) console.error(`state-machines/${fault}`);
if (names.length === 0) console.error('state-machines/ has no definition.');
process.exitCode = faults.flat().length > 0 || names.length === 0 ? 1 : 0;
