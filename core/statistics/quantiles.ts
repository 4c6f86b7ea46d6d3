import { valueBetween } from './exact-sums.ts';

/** A share of the values, 0 to 1, as a decimal says it: `share` / `of`. */
export interface Quantile {
  /** `0.5`: the shortest way to write it. */
  readonly name: string;
  readonly share: bigint;
  readonly of: bigint;
}

/** Most quantiles that are asked for at once. */
const maxQuantiles = 20;

/** What is accepted as a list of quantiles, for messages. */
export const acceptedQuantiles = `numbers from 0 to 1 with commas between them, each of at most 9 decimals and once, at most ${maxQuantiles}`;

/** Reads `0.05,0.5,0.95`; `undefined` for what is not {@link acceptedQuantiles}. */
export function readQuantiles(text: string): Quantile[] | undefined {
  const texts = text.split(',');
  if (texts.length > maxQuantiles || texts.some((one) => !/^(?:[01]|0?\.\d{1,9}|1\.0{1,9})$/.test(one)))
    return undefined;
  const quantiles = texts.map((one): Quantile => {
    const [whole, decimals = ''] = one.split('.') as [string, string?];
    return { name: String(Number(one)), share: BigInt(whole + decimals), of: 10n ** BigInt(decimals.length) };
  });
  return new Set(quantiles.map(({ name }) => name)).size === quantiles.length ? quantiles : undefined;
}

/**
 * The quantile of some values by linear interpolation, as NumPy's `quantile` has it by default and DuckDB's `quantile_cont`: with the values
 * in order and counted from 0, the one at (n - 1) × q; between two of them, as far from the lower one as the fraction says. Nothing is rounded
 * on the way, the share included: the result is the double that is nearest to it.
 * @param sorted at least one value, finite and ascending
 */
export function quantileOf(sorted: Float64Array, { share, of }: Quantile): number {
  const place = BigInt(sorted.length - 1) * share;
  const [below, fraction] = [Number(place / of), place % of];
  const lower = sorted[below] as number; // share is of at the most
  if (fraction === 0n) return lower + 0; // -0 + 0 is 0
  return valueBetween(lower, sorted[below + 1] as number, { share: fraction, of }) + 0; // above 0, so there is one more
}
