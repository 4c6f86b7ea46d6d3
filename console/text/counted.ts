/** A number with its word: `1 reading`, `2 readings`. */
export const counted = (number: string | number, one: string, many: string): string =>
  `${number} ${String(number) === '1' ? one : many}`;
