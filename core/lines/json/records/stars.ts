import { isEvery, type Segment } from '../../../formats/json-path.ts';

/** How many stars of a path stand in the path of the records too, with the same steps in front of them. */
export function commonStars(segments: readonly Segment[], records: readonly Segment[]): number {
  const own = segments.findIndex((segment, at) => segment !== records[at]);
  return segments.slice(0, own === -1 ? undefined : own).filter(isEvery).length;
}

/** The steps of a path behind a number of its stars. */
export function behindStars(segments: readonly Segment[], stars: number): readonly Segment[] {
  let from = 0;
  for (let seen = 0; seen < stars; from++) if (isEvery(segments[from] as Segment)) seen++; // it has as many
  return segments.slice(from);
}

/** What stands before, between and after the stars. */
export function partsOf(segments: readonly Segment[]): Segment[][] {
  const parts: Segment[][] = [[]];
  for (const segment of segments) {
    if (isEvery(segment)) parts.push([]);
    else parts.at(-1)?.push(segment);
  }
  return parts;
}
