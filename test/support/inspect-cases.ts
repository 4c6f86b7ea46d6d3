import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Answers } from '../../core/inspect/finding.ts';
import { inspected, readAsInspected } from './inspected.ts';

export const realFile = (name: string) =>
  readFileSync(new URL(`../fixtures/real-files/${name}`, import.meta.url));

/** A file, and what a person would say that it is. */
export interface InspectCase {
  readonly bytes: Uint8Array | string;
  /** What is asked where nothing is said. */
  readonly asks?: readonly string[];
  readonly answers?: Answers;
  /** Measures by their columns, with units. */
  readonly measures: Readonly<Record<string, string>>;
  /** The first reading: its time, sensor and values. */
  readonly first: readonly (string | number | null)[];
  readonly readings: number;
  readonly rejected?: readonly string[];
}

/** Inspects each file without a hint, and then with its answers, and reads it as it was found. */
export function inspectsEach(cases: Readonly<Record<string, InspectCase>>): void {
  test.each(Object.entries(cases))(
    '%s',
    async (name, { bytes, asks = [], answers = {}, measures, ...expected }) => {
      const file = name.split('/').at(-1) as string; // a split has a last part
      const { questions, findings } = inspected(file, bytes);
      expect(questions.map(({ subject }) => subject)).toEqual(asks);
      for (const { subject, certainty, reason } of findings) {
        expect(['certain', 'guessed', 'asked'], subject).toContain(certainty);
        expect(reason.length, subject).toBeGreaterThan(10);
      }
      const { found, readings, rejected, totals } = await readAsInspected(file, bytes, answers);
      expect(found.questions).toEqual([]);
      expect(totals.refusal).toBeUndefined();
      expect(Object.fromEntries(found.measures.map(({ column, unit }) => [column, unit]))).toEqual(measures);
      expect([readings[0], readings.length, rejected]).toEqual([
        expected.first,
        expected.readings,
        expected.rejected ?? [],
      ]);
    },
  );
}
