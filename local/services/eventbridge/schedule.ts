const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** When a schedule is due, after a moment that is given: both UTC ms. */
export type Schedule = (afterMs: number) => number;

/**
 * Reads `rate(5 minutes)`, which is due so long after each time, and `cron(0 6 4 * ? *)`: a minute and an hour, of each day or of a day of each month up to the
 * 28th, which every month has; in UTC, as rules have it. Of one minute, hour or day the unit of a rate has no s, as EventBridge asks it.
 * @throws {Error} naming the expression, for any other
 */
export function readSchedule(expression: string): Schedule {
  const schedule = readRate(expression) ?? readCron(expression);
  if (schedule !== undefined) return schedule;
  throw new Error(
    `the local cloud does not support the ScheduleExpression ${expression}, but rate(…) and cron(minute hour day * ? *)`,
  );
}

function readRate(expression: string): Schedule | undefined {
  const [, count = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const ofUnit = unitMs[unit];
  if (ofUnit === undefined || Number(count) < 1 || (plural === 's') !== Number(count) > 1) return undefined;
  return (afterMs) => afterMs + Number(count) * ofUnit;
}

function readCron(expression: string): Schedule | undefined {
  const found = /^cron\((\d{1,2}) (\d{1,2}) (\d{1,2}|\*) \* \? \*\)$/.exec(expression);
  if (found === null) return undefined;
  const [minute, hour] = [Number(found[1]), Number(found[2])];
  const dayOfMonth = found[3] === '*' ? undefined : Number(found[3]);
  if (minute > 59 || hour > 23 || dayOfMonth === 0 || (dayOfMonth ?? 1) > 28) return undefined;
  return (afterMs) => {
    const after = new Date(afterMs);
    const [year, month] = [after.getUTCFullYear(), after.getUTCMonth()];
    const at = (later: number): number =>
      dayOfMonth === undefined
        ? Date.UTC(year, month, after.getUTCDate() + later, hour, minute)
        : Date.UTC(year, month + later, dayOfMonth, hour, minute);
    return at(0) > afterMs ? at(0) : at(1);
  };
}
