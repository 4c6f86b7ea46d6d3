import type { Dataset } from '../dataset/dataset.ts';
import type { NumberType } from '../dataset/definition.ts';
import type { DroppedCounts, DroppedValue, DropReason } from '../dataset/reading.ts';

/** What loggers, spreadsheets (their errors), databases (`\\N`) and C programs of Windows (`1.#QNAN`) write where there is no number. */
const wordForNothing =
  /^(?:na|n\/a|nan|null|nil|none|[-\u2212\u2013\u2014]+|#(?:n\/a|div\/0!|num!|null!|ref!|value!|name\?)|\\n|[-+]?1[.,]#(?:qnan|snan|ind)0*)$/i;

/** Whether a text that is not empty stands for no value, by any logger's habit or by the dataset. */
export function isWordForNothing(dataset: Dataset, text: string): boolean {
  return isUsualWordForNothing(text) || dataset.missingWords.includes(text.trim().toLowerCase());
}

/** Whether a text that is not empty stands for no value in every dataset. */
export const isUsualWordForNothing = (text: string): boolean => wordForNothing.test(text.trim());

/** Whether what was found in a value's place stands for no value. */
export function standsForNothing(dataset: Dataset, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value === 'string') return isWordForNothing(dataset, value);
  return Number.isNaN(value) || dataset.missing.includes(value as number);
}

/** One number, with or without marks around it that are no letters: `82*`, `<0.5`, `8,2`, `(12)`, `95 %`. */
export const markedNumber = /^[^\p{L}\p{N}]*\d[\d.,]*(?:e[-+]?\d+)?[^\p{L}\p{N}]*$/iu;

/**
 * The record without the values of optional measures that are none: each is `null`, and named. What is not a number in any way (a word
 * that nobody declared, a list) stays, and costs the record: it may be the cell of another column, and then others are in the wrong ones too.
 * @param nothing measures whose value is none by what the file's format says, and why
 */
export function withoutBadValues(
  dataset: Dataset,
  record: Readonly<Record<string, unknown>>,
  nothing?: ReadonlyMap<string, DropReason>,
): { record: Readonly<Record<string, unknown>>; dropped: readonly DroppedValue[] } {
  let kept: Record<string, unknown> | undefined;
  const dropped: DroppedValue[] = [];
  for (const [measure, { min, max, optional, type }] of Object.entries(dataset.measures)) {
    if (!optional || !Object.hasOwn(record, measure)) continue;
    const value = record[measure];
    const reason = nothing?.get(measure) ?? dropReason(dataset, { min, max, type }, value);
    if (reason === undefined) continue;
    kept ??= { ...record };
    kept[measure] = null;
    dropped.push({ measure, reason, value });
  }
  return { record: kept ?? record, dropped };
}

/** Why a value costs its measure; `undefined` for a measured one, for `null`, which says that there is none, and for what costs the record. */
function dropReason(
  dataset: Dataset,
  { min, max, type }: { min: number; max: number; type: NumberType | undefined },
  value: unknown,
): DropReason | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') {
    if (value.trim() === '') return 'empty';
    if (isWordForNothing(dataset, value)) return 'nothing';
    if (type === 'boolean' || type === 'time') return undefined;
    return markedNumber.test(value) ? 'wrong-type' : undefined;
  }
  if (typeof value !== 'number' || type === 'boolean' || type === 'time') return undefined;
  if (dataset.missing.includes(value)) return 'missing';
  if (Number.isNaN(value)) return 'nothing'; // the word, as a cell has it
  if (!Number.isFinite(value)) return 'not-finite';
  return value < min || value > max ? 'out-of-range' : undefined;
}

/** Adds the values dropped from one reading of `dataset`. */
export function countDropped(
  counts: DroppedCounts,
  dataset: Dataset,
  dropped: readonly DroppedValue[],
): void {
  for (const { measure, reason } of dropped) {
    counts[dataset.name] ??= {};
    const measures = counts[dataset.name] as DroppedCounts[string]; // just made
    measures[measure] ??= {};
    const reasons = measures[measure] as DroppedCounts[string][string]; // just made
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
}

/** The dropped values over all datasets and measures, but for empty ones: where nothing stands, nothing was lost. */
export function sumDropped(counts: DroppedCounts): number {
  let sum = 0;
  for (const measures of Object.values(counts))
    for (const { empty: _, ...reasons } of Object.values(measures))
      for (const count of Object.values(reasons)) sum += count;
  return sum;
}
