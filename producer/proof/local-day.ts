const quarterHourMs = 900_000;

/**
 * A function from UTC ms to the local day, `YYYY-MM-DD`, by Intl alone. It remembers quarters of an hour that begin
 * and end on one day; in the others, as where a clock goes back over midnight, each instant is asked for.
 */
export function localDays(timeZone: string): (timestampMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const days = new Map<string, string>();
  const quarters = new Map<number, string | undefined>();
  const ask = (timestampMs: number): string => {
    const day = format.format(timestampMs);
    // One string a day, however many quarters share it.
    if (!days.has(day)) days.set(day, day);
    return days.get(day) ?? day;
  };
  return (timestampMs) => {
    const quarter = Math.floor(timestampMs / quarterHourMs);
    if (!quarters.has(quarter)) {
      const first = ask(quarter * quarterHourMs);
      quarters.set(quarter, first === ask((quarter + 1) * quarterHourMs - 1) ? first : undefined);
    }
    return quarters.get(quarter) ?? ask(timestampMs);
  };
}
