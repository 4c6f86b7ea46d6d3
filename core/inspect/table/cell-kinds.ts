import { asciiNumber } from '../../formats/number-text.ts';
import { isUsualWordForNothing } from '../../lines/dropped-values.ts';
import { unitOf } from '../unit-bounds.ts';

/** What a cell looks like, whatever its file's notation is. */
export type CellKind = 'number' | 'time' | 'nothing' | 'text';

const numberLike = /^[-+]?(?:\d[\d.,' \u00a0\u2009\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?$/;
const timeForms = [
  /^\d{4}([-/. ])\d{1,2}\1\d{1,2}(?!\d)/,
  /^\d{1,2}([-/.])\d{1,2}\1\d{2,4}(?!\d)/,
  /^\d{1,2}[- ./]?\p{L}{3,12}[- ./,]*\d{2,4}(?!\d)/u,
  /^\p{L}{3,12} \d{1,2},? \d{4}(?!\d)/u,
  /^\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d{1,9})?)? ?(?:[ap]\.?m?\.?)?$/i,
];
/** Beside the usual ones. */
const wordForNothing = /^(?:|[-+]?inf(?:inity)?|\*+|m|missing)$/i;

export function kindOf(cell: string): CellKind {
  if (wordForNothing.test(cell) || isUsualWordForNothing(cell)) return 'nothing';
  if (timeForms.some((form) => form.test(cell))) return 'time';
  return numberLike.test(asciiNumber(cell)) ? 'number' : 'text';
}

/** The kind that most of the cells are that are something; `nothing` where none is. */
export function mostlyOf(cells: Iterable<string>): CellKind {
  const counts = { number: 0, time: 0, text: 0 };
  for (const cell of cells) {
    const kind = kindOf(cell);
    if (kind !== 'nothing') counts[kind]++;
  }
  const [most] = (['time', 'number', 'text'] as const).toSorted((a, b) => counts[b] - counts[a]);
  return most === undefined || counts[most] === 0 ? 'nothing' : most;
}

/** Cells of a column as numbers are looked at: in ASCII, and without the one unit that nearly all have behind their number. */
export function numberCells(cells: readonly string[]): { cells: readonly string[]; unit?: string } {
  const found = cells.map((cell) =>
    /^([^\p{L}]*\d[.,]?)[ \u00a0\u2009\u202f]?([^\d\s.,]\S{0,11})$/u.exec(asciiNumber(cell)),
  );
  const unit = found.find((match) => match !== null)?.[2];
  const filled = cells.filter((cell) => kindOf(cell) !== 'nothing').length;
  const having = found.filter((match) => match?.[2] === unit).length;
  if (unit === undefined || unitOf(unit) === undefined || having < filled * 0.9)
    return { cells: cells.map(asciiNumber) };
  return { cells: cells.map((cell, at) => (found[at]?.[2] === unit ? (found[at]?.[1] ?? '') : cell)), unit };
}
