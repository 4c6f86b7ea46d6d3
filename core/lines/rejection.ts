import type { Dataset } from '../dataset/dataset.ts';
import type { Rejected, RejectReason } from '../dataset/reading.ts';

/** A rejection, with the field, what was found and what is accepted. */
export function rejected(reason: RejectReason, detail: string): Rejected {
  return { kind: 'rejected', reason, detail };
}

/** The rejection of a dataset's name that nothing defines. */
export function unknownDataset(name: unknown, datasets: readonly Dataset[]): Rejected {
  const accepted = datasets.map((dataset) => dataset.name).join(', ');
  return rejected('unknown-dataset', `dataset is ${show(name)}; accepted: ${accepted}`);
}

/** A value as it is told in a detail: at most 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'number' ? String(value) : encode(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** JSON.parse takes any depth, JSON.stringify only what fits the stack: a line of brackets must not be a fault. */
function encode(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return `${Array.isArray(value) ? 'an array' : 'an object'}, nested too deeply to be shown`;
  }
}
