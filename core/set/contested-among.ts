import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from './columns.ts';
import { compareIdentity } from './identity.ts';

/** How many readings of `some` are contested in `all`, which has all of their identities; withdrawn ones count nowhere. */
export function contestedAmong(
  { identityColumns }: Pick<Dataset, 'identityColumns'>,
  all: Columns,
  some: Columns,
): number {
  if (!all.contested.includes(1)) return 0;
  const numbers = new Map(all.sensors.map((id, index) => [id, index]));
  let count = 0;
  let row = 0;
  for (let at = 0; at < some.length; at++) {
    const sensor = numbers.get(some.sensors[some.sensor[at] as number] as string) as number; // `all` has it
    const time = some.timestampMs[at] as number; // a row
    const isBefore = () => {
      const other = all.sensor[row] as number; // a row
      const timeOfOther = all.timestampMs[row] as number;
      if (other !== sensor || timeOfOther !== time)
        return other < sensor || (other === sensor && timeOfOther < time);
      return identityColumns !== undefined && compareIdentity(identityColumns, all, row, some, at) < 0;
    };
    while (row < all.length && isBefore()) row++;
    if (all.contested[row] === 1 && all.withdrawn[row] === 0) count++;
  }
  return count;
}
