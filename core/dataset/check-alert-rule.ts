import { parseDay } from '../time/calendar.ts';
import { dayMs, parseDuration } from '../time/duration.ts';
import type { AlertRule } from './definition.ts';
import { acceptedSelection, readSelection } from './sensor-selection.ts';
import { tagPattern } from './stations.ts';

/** What is wrong with a rule: the member, `''` for the rule itself, what was found, and what is accepted. */
type RuleFault = readonly [member: string, found: unknown, accepted: string];

const members: Readonly<Record<keyof AlertRule, true>> = {
  ...{ measure: true, above: true, below: true, lasting: true, maxGap: true },
  ...{ changesBy: true, within: true, noDataFor: true, sensors: true, tag: true, since: true },
};
/** Of a rule. */
export const ruleMembers: readonly string[] = Object.keys(members);

/** A week: what is older is not looked at every few minutes. */
const maxNoDataForMs = 7 * dayMs;

const kinds = 'above, below or both, perhaps lasting; or changesBy and within; or noDataFor';

/** The first fault of a rule that has no other members; `undefined` when it is sound. Its measure is checked elsewhere. */
export function checkAlertRule(rule: AlertRule): RuleFault | undefined {
  return checkKind(rule) ?? checkTold(rule);
}

function checkKind(rule: AlertRule): RuleFault | undefined {
  const { above, below, changesBy, within, lasting, maxGap, noDataFor } = rule;
  const given = [
    above !== undefined || below !== undefined || lasting !== undefined || maxGap !== undefined,
    changesBy !== undefined || within !== undefined,
    noDataFor !== undefined,
  ];
  if (given.filter((is) => is).length !== 1) return ['', undefined, kinds];
  if (given[1]) return checkChange(rule);
  if (given[2]) return checkDuration('noDataFor', noDataFor, { maxMs: maxNoDataForMs, most: 'a week' });
  if (above === undefined && below === undefined) return ['', undefined, kinds];
  for (const member of ['above', 'below'] as const)
    if (rule[member] !== undefined && !Number.isFinite(rule[member]))
      return [member, rule[member], 'a finite number'];
  if (maxGap !== undefined && lasting === undefined)
    return ['lasting', lasting, 'how long the limit was broken, such as 2 hours: maxGap is about it'];
  return (
    (lasting === undefined ? undefined : checkDuration('lasting', lasting)) ??
    (maxGap === undefined ? undefined : checkDuration('maxGap', maxGap))
  );
}

function checkChange({ changesBy, within }: AlertRule): RuleFault | undefined {
  if (!Number.isFinite(changesBy) || (changesBy as number) <= 0)
    return ['changesBy', changesBy, 'a number above 0'];
  return checkDuration('within', within);
}

function checkDuration(
  member: keyof AlertRule,
  found: unknown,
  { maxMs, most } = { maxMs: dayMs, most: 'a day' },
): RuleFault | undefined {
  const ms = typeof found === 'string' ? parseDuration(found) : undefined;
  if (ms !== undefined && ms <= maxMs) return undefined;
  return [member, found, `a number and a unit such as 10 minutes, at most ${most}`];
}

/** Of whom a rule tells, and since when. */
function checkTold({ sensors, tag, since }: AlertRule): RuleFault | undefined {
  if (sensors !== undefined && (typeof sensors !== 'string' || readSelection(sensors) === undefined))
    return ['sensors', sensors, acceptedSelection];
  if (
    tag !== undefined &&
    (typeof tag !== 'string' || !tag.split(',').every((name) => tagPattern.test(name)))
  )
    return ['tag', tag, 'tags of stations with commas between them'];
  if (since !== undefined && (typeof since !== 'string' || parseDay(since) === undefined))
    return ['since', since, 'a date YYYY-MM-DD from 1970 to 2099'];
  return undefined;
}
