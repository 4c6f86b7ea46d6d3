/** What a cell looks like, whatever its file's notation is. */
export type CellKind = 'number' | 'time' | 'nothing' | 'text';

const numberLike = /^[-+]?(?:\d[\d.,' \u00a0\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?$/;
const timeForms = [
  /^\d{4}([-/. ])\d{1,2}\1\d{1,2}(?!\d)/,
  /^\d{1,2}([-/.])\d{1,2}\1\d{2,4}(?!\d)/,
  /^\d{1,2}[- ./]?\p{L}{3,12}[- ./,]*\d{2,4}(?!\d)/u,
  /^\p{L}{3,12} \d{1,2},? \d{4}(?!\d)/u,
  /^\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d{1,9})?)? ?(?:[ap]\.?m?\.?)?$/i,
];
const wordForNothing = /^(?:|na|n\/a|#n\/a|nan|null|nil|none|[-+]?inf(?:inity)?|-+|\*+|m|missing)$/i;

export function kindOf(cell: string): CellKind {
  if (wordForNothing.test(cell)) return 'nothing';
  if (timeForms.some((form) => form.test(cell))) return 'time';
  return numberLike.test(cell) ? 'number' : 'text';
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
