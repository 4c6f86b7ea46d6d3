import type { Dataset } from '../../core/dataset/dataset.ts';
import type { ParseTotals } from '../../core/lines/parse-totals.ts';
import { parseBytes } from './parse-bytes.ts';

/** A reading as a person would write it down: only the measures and attributes that it has. */
type Written = { readonly sensorId: string; readonly at: string } & Readonly<Record<string, number | string>>;

/** What a file that lands under a name comes to: readings, and rejections as `line reason`. */
export async function outcomesOf(
  dataset: Dataset,
  file: string,
  bytes: Uint8Array | string,
): Promise<{ readings: Written[]; rejected: string[]; totals: ParseTotals }> {
  const key = `landing/${dataset.name}/${file}`;
  const { outcomes, totals } = await parseBytes(bytes, { key, known: [dataset] });
  const named = (names: readonly string[], values: readonly (number | string | null | undefined)[]) =>
    Object.fromEntries(names.flatMap((name, at) => (values[at] == null ? [] : [[name, values[at]]])));
  return {
    readings: outcomes.flatMap(({ reading }) =>
      reading === undefined
        ? []
        : [
            {
              sensorId: reading.sensorId,
              at: new Date(reading.timestampMs).toISOString(),
              ...named(dataset.measureNames, reading.values),
              ...named(dataset.attributeNames, reading.attributes),
            },
          ],
    ),
    rejected: outcomes.flatMap(({ line, reason }) => (reason === undefined ? [] : [`${line} ${reason}`])),
    totals,
  };
}

/**
 * The readings of a file that lands under a name, in its order.
 * @throws when a line is rejected or the file refused, with why
 */
export async function readingsOf(
  dataset: Dataset,
  file: string,
  bytes: Uint8Array | string,
): Promise<Written[]> {
  const { readings, rejected, totals } = await outcomesOf(dataset, file, bytes);
  if (totals.refusal !== undefined) throw new Error(`refused: ${JSON.stringify(totals.refusal)}`);
  if (rejected.length > 0) throw new Error(`rejected: ${rejected.join(', ')}`);
  return readings;
}
