/**
 * The sum of two numbers as decimals, each by its shortest text: doubles would make 0.30000000000000004 of 0.1 and 0.2, and of a time of
 * day the millisecond before.
 */
export function addDecimals(a: number, b: number): string {
  if (a === 0) return plain(b);
  if (b === 0) return plain(a);
  const [first, second] = [partsOf(a), partsOf(b)];
  const exponent = Math.min(first.exponent, second.exponent);
  const scaled = ({ digits, exponent: own }: Parts) => digits * 10n ** BigInt(own - exponent);
  return textOf(scaled(first) + scaled(second), exponent);
}

interface Parts {
  readonly digits: bigint;
  /** Of ten. */
  readonly exponent: number;
}

function partsOf(value: number): Parts {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

const plain = (value: number): string => {
  const { digits, exponent } = partsOf(value);
  return textOf(digits, exponent);
};

function textOf(digits: bigint, exponent: number): string {
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}
