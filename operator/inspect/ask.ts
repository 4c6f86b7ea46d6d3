import { createInterface } from 'node:readline/promises';
import { canonicalSensorId } from '../../core/dataset/sensor-id.ts';
import type { Answers, Question } from '../../core/inspect/finding.ts';
import { fixedOffsetMs, isTimeZone } from '../../core/time/time-zone.ts';

/** Whether there is somebody who can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks the person at the terminal, on standard error, until there is an answer that can be taken.
 * @returns `undefined` when the terminal is closed instead
 */
export async function ask(question: Question): Promise<Answers | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const abort = new AbortController();
  terminal.once('close', () => abort.abort());
  const { choices } = question;
  const hint = choices ? ` [${choices.join('/')}]` : ` (${hints[question.subject]})`;
  try {
    for (;;) {
      const typed = (await terminal.question(`${question.text}${hint} `, { signal: abort.signal })).trim();
      const answer = answerOf(question, typed);
      if (answer !== undefined) return answer;
    }
  } catch (fault) {
    if ((fault as Error).name === 'AbortError') return undefined;
    throw fault;
  } finally {
    terminal.close();
  }
}

const hints: Readonly<Record<Question['subject'], string>> = {
  zone: 'an IANA name such as Europe/Madrid, or an offset such as +01:00',
  order: '',
  decimal: '',
  sensor: 'an id',
};

/** What a typed text answers; `undefined` for one that is no answer. */
export function answerOf({ subject, choices }: Question, typed: string): Answers | undefined {
  if (choices !== undefined && !choices.includes(typed)) return undefined;
  switch (subject) {
    case 'zone':
      return isTimeZone(typed) || fixedOffsetMs(typed) !== undefined ? { zone: typed } : undefined;
    case 'order':
      return { order: typed as NonNullable<Answers['order']> }; // one of the choices
    case 'decimal':
      return { decimal: typed as NonNullable<Answers['decimal']> }; // as above
    case 'sensor': {
      const sensorId = canonicalSensorId(typed);
      return sensorId === undefined ? undefined : { sensorId };
    }
  }
}
