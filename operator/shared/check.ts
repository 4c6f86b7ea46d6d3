/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `skip`: it could not be told here, which is no fault. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skip';
  readonly text: string;
  /** The way out, of anything but `ok`. */
  readonly mend?: string | undefined;
}

const marks: Readonly<Record<Check['state'], string>> = { ok: '✓', warn: '!', fail: '✗', skip: '–' };

/** The checks one a line, each fault with its way out below. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .flatMap(({ name, state, text, mend }) => {
      const [first = '', ...rest] = text.split('\n');
      return [
        `${marks[state]} ${name.padEnd(width)}  ${first}`,
        ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`),
        ...(mend === undefined || state === 'ok' ? [] : [`  ${' '.repeat(width)}  → ${mend}`]),
      ];
    })
    .join('\n');
}

/** 1 when anything needs somebody, else 0. */
export const exitCodeOf = (checks: readonly Check[], { warnings }: { warnings: boolean }): number =>
  checks.some(({ state }) => state === 'fail' || (warnings && state === 'warn')) ? 1 : 0;
