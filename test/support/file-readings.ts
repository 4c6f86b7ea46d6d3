import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseBytes } from './parse-bytes.ts';

/** A reading as a person would write it down: only the measures and attributes that it has. */
type Written = { readonly sensorId: string; readonly at: string } & Readonly<Record<string, number | string>>;

/**
 * The readings of a file that lands under a name, in its order.
 * @throws when a line is rejected or the file refused, with why
 */
export async function readingsOf(
  dataset: Dataset,
  file: string,
  bytes: Uint8Array | string,
): Promise<Written[]> {
  const { outcomes, totals } = await parseBytes(bytes, {
    key: `landing/${dataset.name}/${file}`,
    known: [dataset],
  });
  if (totals.refusal !== undefined) throw new Error(`refused: ${JSON.stringify(totals.refusal)}`);
  return outcomes.map(({ reading, ...rejection }) => {
    if (reading === undefined) throw new Error(`rejected: ${JSON.stringify(rejection)}`);
    const named = (names: readonly string[], values: readonly (number | string | null | undefined)[]) =>
      Object.fromEntries(names.flatMap((name, at) => (values[at] == null ? [] : [[name, values[at]]])));
    return {
      sensorId: reading.sensorId,
      at: new Date(reading.timestampMs).toISOString(),
      ...named(dataset.measureNames, reading.values),
      ...named(dataset.attributeNames, reading.attributes),
    };
  });
}
