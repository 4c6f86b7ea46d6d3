/** An integer without leading zeros, lowest byte first. @param value at least 0, which itself has no bytes */
export function magnitudeBytes(value: bigint): Uint8Array {
  const found: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) {
    const word = Number(BigInt.asUintN(32, rest));
    found.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
  }
  while (found.at(-1) === 0) found.pop();
  return Uint8Array.from(found);
}

/** Reads what {@link magnitudeBytes} writes. */
export function integerOf(magnitude: Uint8Array): bigint {
  let value = 0n;
  for (let end = magnitude.length; end > 0; end -= 4) {
    const start = Math.max(0, end - 4);
    let word = 0;
    for (let at = end - 1; at >= start; at--) word = word * 256 + (magnitude[at] as number); // within its bounds
    value = (value << BigInt(8 * (end - start))) | BigInt(word);
  }
  return value;
}
