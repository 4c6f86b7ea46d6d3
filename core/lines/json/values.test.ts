import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { maxLineBytes } from '../line-splitter.ts';
import { JsonValues } from './values.ts';

const at = (second: number, changes: object = {}): string =>
  JSON.stringify({
    dataset: 'water-temperature',
    sensorId: 'a',
    timestamp: new Date(Date.UTC(2026, 2, 1) + second * 1_000).toISOString(),
    temperature: 12.5,
    deviation: 0.25,
    ...changes,
  });
const seconds = (outcomes: readonly { reading?: { timestampMs: number } }[]): number[] =>
  outcomes.flatMap(({ reading }) => (reading ? [(reading.timestampMs - Date.UTC(2026, 2, 1)) / 1_000] : []));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, second) => second);

describe('values that follow one another on a line', () => {
  test('are read one by one, with the lines around them', async () => {
    const body = `${at(0)}${at(1)}${at(2)}\n${at(3)}\n${at(4)}\n`;
    const { outcomes, totals } = await parseBytes(body);
    expect(seconds(outcomes)).toEqual(upTo(5));
    expect(outcomes.map(({ line }) => line)).toEqual([1, 1, 1, 2, 3]);
    expect(totals).toMatchObject({ lines: 5, valid: 5, rejected: {} });
  });

  test('come back from any separators and any chunks', async () => {
    const separator = fc.constantFrom(
      '',
      ' ',
      '\t',
      '\r',
      '\r\n',
      '\n',
      '\n\n',
      '\n\ufeff',
      '\ufeff',
      '\n\x1e',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(separator, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 400 }),
        async (separators, chunkBytes) => {
          const body = separators.map((end, second) => at(second) + end).join('');
          const { outcomes } = await parseBytes(body, { chunkBytes });
          expect(seconds(outcomes)).toEqual(upTo(separators.length));
          expect(outcomes).toHaveLength(separators.length);
        },
      ),
    );
  });

  test('do not need a newline ever, also in a line of more than 1 MiB', async () => {
    const count = 12_000;
    const body = upTo(count)
      .map((second) => at(second))
      .join('');
    expect(body.length).toBeGreaterThan(maxLineBytes);
    for (const chunkBytes of [60_000, body.length]) {
      const { outcomes, totals } = await parseBytes(body, { chunkBytes });
      expect(seconds(outcomes)).toEqual(upTo(count));
      expect(totals).toMatchObject({ lines: count, valid: count, rejected: {} });
    }
  });

  test('are each an outcome: one that is wrong costs nobody else', async () => {
    const { outcomes } = await parseBytes(`${at(0)}${at(1, { temperature: 99 })}${at(2)}\n`);
    expect(outcomes.map(({ reason }) => reason)).toEqual([undefined, 'out-of-range', undefined]);
    expect(outcomes[1]?.text).toBe(at(1, { temperature: 99 }));
  });

  test('are kept before one that breaks off, which is the one that is truncated', async () => {
    const { outcomes } = await parseBytes(at(0) + at(1) + at(2).slice(0, 30));
    expect(seconds(outcomes)).toEqual([0, 1]);
    expect(outcomes[2]).toMatchObject({ reason: 'truncated', text: at(2).slice(0, 30) });
  });

  test('stand beside bytes that are no UTF-8', async () => {
    const broken = Buffer.from(at(1, { sensorId: '#' }));
    broken[broken.indexOf('#')] = 0xff;
    const { outcomes } = await parseBytes(Buffer.concat([Buffer.from(at(0)), broken, Buffer.from(at(2))]));
    expect(outcomes.map(({ reason }) => reason)).toEqual([undefined, 'not-utf8', undefined]);
  });

  test('are not looked for in a text that has none: it stays one rejection', async () => {
    for (const text of ['no {json} at all {here}', '{"a":1,', '[1, 2, 3]', '[]', `${'x'.repeat(99)}{`]) {
      const { outcomes } = await parseBytes(`${text}\n${at(0)}\n`);
      expect(outcomes.map(({ line, text: told }) => [line, told ?? ''])).toEqual([
        [1, text],
        [2, ''],
      ]);
    }
  });

  test('are not lost behind white space that fills the longest line', async () => {
    const space = ' '.repeat(maxLineBytes + 10);
    for (const chunkBytes of [70_000, 5_000_000]) {
      const told = async (body: string) =>
        (await parseBytes(body, { chunkBytes })).outcomes.map(({ reason }) => reason ?? 'reading');
      expect(await told(`${space}${at(0)}${at(1)}\n`)).toEqual(['reading', 'reading']);
      expect(await told(`[${space}${at(0)},${at(1)}]\n`)).toEqual(['reading', 'reading']);
      expect(await told(`${space}{"a":1,\n${at(0)}\n`)).toEqual(['not-json', 'reading']);
    }
  });

  test('are given up soon in a text of brackets, which stays one rejection', async () => {
    for (const body of ['{a}'.repeat(5_000), '{a}'.repeat(500_000)]) {
      const { outcomes } = await parseBytes(`${body}\n${at(0)}\n`);
      expect(outcomes.map(({ line }) => line)).toEqual([1, 2]);
    }
  });

  test('end where one is longer than a line may be', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(maxLineBytes) });
    for (const chunkBytes of [50_000, 5_000_000]) {
      const { outcomes } = await parseBytes(`${at(0)}${long}${at(1)}\n${at(2)}\n`, { chunkBytes });
      expect(outcomes.map(({ line, reason }) => [line, reason])).toEqual([
        [1, undefined],
        [1, 'line-too-long'],
        [2, undefined],
      ]);
    }
  });
});

describe('an array on a line', () => {
  test('gives its elements, and the lines around it stay', async () => {
    const { outcomes } = await parseBytes(`${at(0)}\n[${at(1)}, ${at(2)}]\n[ ${at(3)} ]\n${at(4)}\n`);
    expect(seconds(outcomes)).toEqual(upTo(5));
    expect(outcomes.map(({ line }) => line)).toEqual([1, 2, 2, 3, 4]);
  });

  test('gives them beside others, and beside values', async () => {
    const { outcomes } = await parseBytes(`[${at(0)},${at(1)}][${at(2)}]${at(3)}[${at(4)}]\n`);
    expect(seconds(outcomes)).toEqual(upTo(5));
    expect(outcomes).toHaveLength(5);
  });

  test('gives them also when it is longer than a line may be, or breaks off', async () => {
    const count = 10_000;
    const elements = upTo(count).map((second) => at(second));
    const { outcomes } = await parseBytes(`[${elements.join(',')}]\n`);
    expect(seconds(outcomes)).toEqual(upTo(count));
    const cut = await parseBytes(`[${at(0)},${at(1)},${at(2).slice(0, 20)}`);
    expect(seconds(cut.outcomes)).toEqual([0, 1]);
    expect(cut.outcomes[2]?.reason).toBe('truncated');
  });
});

describe('an array over several lines', () => {
  const told = async (body: string, key?: string) =>
    (await parseBytes(body, key === undefined ? {} : { key })).outcomes.map(
      ({ line, reason }) => [line, reason ?? 'reading'] as const,
    );
  const readings = (...lines: number[]) => lines.map((line) => [line, 'reading'] as const);

  test.each([
    ['with commas behind the elements', `[${at(0)},\n${at(1)},\n${at(2)}]\n`, [1, 2, 3]],
    ['with commas before them', `[${at(0)}\n,${at(1)}\r\n ,${at(2)}]`, [1, 2, 3]],
    ['with brackets on lines of their own', `[\n${at(0)},\n\n ${at(1)}\n]\n${at(2)}`, [2, 4, 6]],
    ['with several elements a line', `[ ${at(0)},${at(1)},\n${at(2)},${at(3)}\n]`, [1, 1, 2, 2]],
    ['beside another', `[${at(0)},\n${at(1)}][${at(2)},\n${at(3)}]`, [1, 2, 2, 3]],
    ['of which the commas are missing', `[${at(0)}\n${at(1)}\n]`, [1, 2]],
  ])('gives its elements: %s', async (_, body, lines) => {
    expect(await told(body)).toEqual(readings(...lines));
    expect(await told(body, 'landing/water-temperature/a.json')).toEqual(readings(...lines));
  });

  test.each([
    ['on its line', `[${at(0)},${at(1)}\n`, [1, 1], 1],
    ['without a newline', `[${at(0)},${at(1)}`, [1, 1], 1],
    ['behind a comma', `[${at(0)},\n${at(1)},\n`, [1, 2], 2],
    ['before an element that is alone on its line', `[${at(0)},\n${at(1)}\n`, [1, 2], 2],
    ['behind its bracket', `${at(0)}\n[\n`, [1], 2],
    ['before another begins', `[${at(0)},\n[${at(1)}]\n${at(2)}\n`, [1, 2, 3], 2],
  ])('that is never closed is told of, beside its elements: %s', async (_, body, lines, where) => {
    for (const key of [undefined, 'landing/water-temperature/a.json']) {
      const outcomes = await told(body, key);
      expect(outcomes.filter(([, reason]) => reason === 'reading')).toEqual(readings(...lines));
      expect(outcomes.filter(([, reason]) => reason !== 'reading')).toEqual([[where, 'truncated']]);
    }
  });

  test('that breaks off within an element is told of once', async () => {
    for (const body of [`[${at(0)},\n${at(1).slice(0, 20)}`, `[${at(0)},${at(1).slice(0, 20)}`]) {
      const reasons = (await told(body)).map(([, reason]) => reason);
      expect(reasons).toEqual(['reading', 'truncated']);
    }
  });

  test('costs no other sender of the stream a reading', async () => {
    const body = `[${at(0)},\n${at(1)}\nno json\n]\n[${at(2)},${at(3)}]\n,\n${at(4)}${at(5)}\n`;
    const outcomes = await told(body);
    expect(outcomes.filter(([, reason]) => reason === 'reading')).toHaveLength(6);
    expect(outcomes.filter(([, reason]) => reason !== 'reading')).toEqual([
      [3, 'not-json'],
      [6, 'not-json'],
    ]);
  });

  test('is cut anywhere, and that is told whatever the chunks', async () => {
    const rows = upTo(5).map((second) => at(second));
    const whole = `[\n${rows.join(',\n')}\n]\n`;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: whole.length - 3 }),
        fc.integer({ min: 1, max: 300 }),
        async (length, chunkBytes) => {
          const { outcomes, totals } = await parseBytes(whole.slice(0, length), { chunkBytes });
          const kept = rows.filter((row) => whole.slice(0, length).includes(row));
          expect(seconds(outcomes)).toEqual(upTo(kept.length));
          expect(totals.rejected).toEqual({ truncated: 1 });
        },
      ),
    );
  });
});

describe('a line is cut', () => {
  /** The pieces of a line, `!` before those that are not closed. The line comes in windows: what was not cut of one begins the next. */
  function cut(line: string, windowBytes = line.length): string[] {
    const values = new JsonValues();
    const pieces: string[] = [];
    let rest = '';
    for (let at = 0; at < line.length; at += windowBytes) {
      const window = rest + line.slice(at, at + windowBytes);
      const whole = at + windowBytes >= line.length;
      for (const { start, end, isClosed } of values.cut(Buffer.from(window), { whole }))
        pieces.push((isClosed ? '' : '!') + window.slice(start, end));
      rest = window.slice(values.taken);
    }
    expect(rest).toBe('');
    return pieces;
  }

  test.each<[string, string[]]>([
    ['{"a":1}', ['{"a":1}']],
    ['{}{}', ['{}', '{}']],
    [' {"a":{"b":[1,{}]}} \t\r {"c":[]} ', ['{"a":{"b":[1,{}]}}', '{"c":[]}']],
    ['{"a":"}"}{"b":"\\"}"}{"c":"\\\\"}', ['{"a":"}"}', '{"b":"\\"}"}', '{"c":"\\\\"}']],
    ['[{"a":1},{"b":2}]', ['{"a":1}', '{"b":2}']],
    [' [ {"a":1} , {"b":2} ] {"c":3}', ['{"a":1}', '{"b":2}', '{"c":3}']],
    ['{"a":1}[{"b":2}]{"c":3}', ['{"a":1}', '{"b":2}', '{"c":3}']],
    ['[{"a":1}][{"b":2},{"c":3}]', ['{"a":1}', '{"b":2}', '{"c":3}']],
    ['{"a":1},{"b":2}', ['{"a":1}', '!,', '{"b":2}']],
    ['{"a":1}]{"b":2}', ['{"a":1}', '!]', '{"b":2}']],
    ['[{"a":1}],{"b":2}', ['{"a":1}', '!,', '{"b":2}']],
    ['[[1],[2]]', ['[1]', '[2]']],
    ['[1,{"a":1}]', ['!1,', '{"a":1}']],
    ['text {"a":1} more', ['!text ', '{"a":1}', '!more']],
    ['"{" {"a":1}', ['!"', '!{" {"a":1}']],
    ['{"a":1}{"b":', ['{"a":1}', '!{"b":']],
    ['{"a":"}', ['!{"a":"}']],
    ['[{"a":1},{"b"', ['{"a":1}', '!{"b"']],
    ['{"a":[}', ['!{"a":[}']],
    ['[]', []],
    ['  ', []],
  ])('%j into its values, and what is none', (line, pieces) => {
    expect(cut(line)).toEqual(pieces);
    for (let windowBytes = 1; windowBytes < line.length; windowBytes++)
      expect(cut(line, windowBytes)).toEqual(pieces);
  });
});
