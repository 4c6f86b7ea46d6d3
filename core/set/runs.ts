/** Where numbers that ascend are no longer what they are at `start`: steps that double, then bisection. */
export function endOfRun(numbers: Uint32Array, start: number): number {
  const value = numbers[start];
  let step = 1;
  while (start + step < numbers.length && numbers[start + step] === value) step *= 2;
  let same = start + Math.floor(step / 2);
  let other = Math.min(numbers.length, start + step);
  while (other - same > 1) {
    const middle = (same + other) >>> 1;
    if (numbers[middle] === value) same = middle;
    else other = middle;
  }
  return other;
}
