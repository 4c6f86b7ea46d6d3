import { expect, test } from 'vitest';
import { numberNotationOf } from './number-notation.ts';

test.each([
  [['1.5', '2'], { decimal: '.' }],
  [['1,5', '1.234'], { decimal: ',', thousands: '.' }],
  [['1.234,5'], { decimal: ',', thousands: '.' }],
  [['1,234.5', '2.5'], { decimal: '.', thousands: ',' }],
  [['1 234,5'], { decimal: ',', thousands: ' ' }],
  [["1'234.5", '0.25'], { decimal: '.', thousands: "'" }],
  [['1,234,567'], { decimal: '.', thousands: ',' }],
  [['0,125', '12'], { decimal: ',' }],
  [['12', '1e5'], { decimal: '.' }],
])('%j are written with %j', (cells, notation) => {
  const found = numberNotationOf(cells, {});
  expect(found.notation).toEqual(notation);
  expect(found.questions).toEqual([]);
});

test('1,234 alone may be either, and is asked', () => {
  const { questions } = numberNotationOf(['1,234', '2,500'], {});
  expect(questions).toMatchObject([{ subject: 'decimal', choices: ['.', ','] }]);
  expect(numberNotationOf(['1,234'], { decimal: '.' })).toMatchObject({
    notation: { decimal: '.', thousands: ',' },
    questions: [],
  });
  expect(numberNotationOf(['1,234'], { decimal: ',' }).notation).toEqual({ decimal: ',' });
});

test('where both marks are decimal marks, the one that is read is a guess, and the other none between thousands', () => {
  for (const cells of [
    ['1.5', '1,25', '1,250'],
    ['1,250', '1,25', '1.5'],
  ])
    expect(numberNotationOf(cells, {})).toMatchObject({
      notation: { decimal: '.' },
      findings: [{ subject: 'decimal mark', certainty: 'guessed' }],
    });
});

test('1,250 beside 1.5 is taken for more than a thousand, as a guess, unless a number has both marks', () => {
  const certainty = (...cells: string[]) =>
    numberNotationOf(cells, {}).findings.find(({ subject }) => subject === 'thousands')?.certainty;
  expect(certainty('1,250', '1.5')).toBe('guessed');
  expect(certainty('1,250', '1,250.5')).toBe('certain');
});

test('1.234 alone is taken for a point, as a guess', () => {
  expect(numberNotationOf(['1.234'], {})).toMatchObject({
    notation: { decimal: '.' },
    findings: [{ certainty: 'guessed' }],
  });
});
