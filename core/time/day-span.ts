/** Days from `from` to `to`, both included, each `YYYY-MM-DD`; open where it is undefined. */
export interface DaySpan {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Days compare as text. */
export const inSpan = (day: string, { from, to }: DaySpan): boolean =>
  (from === undefined || day >= from) && (to === undefined || day <= to);
