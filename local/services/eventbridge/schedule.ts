const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The time between two events of a schedule `rate(5 minutes)`, ms; of one minute, hour or day the unit has no s, as EventBridge asks it.
 * @throws {Error} naming the expression, for `cron(…)` and what is no schedule
 */
export function scheduleMs(expression: string): number {
  const [, count = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const ofUnit = unitMs[unit];
  if (ofUnit === undefined || Number(count) < 1 || (plural === 's') !== Number(count) > 1)
    throw new Error(`the local cloud does not support the ScheduleExpression ${expression}, but rate(…)`);
  return Number(count) * ofUnit;
}
