import { dayName } from '../time/calendar.ts';
import { dayMs } from '../time/duration.ts';
import { fixedOffsetMs, isTimeZone } from '../time/time-zone.ts';
import { type Answers, asked, certain, type Finding, guessed, type Question } from './finding.ts';
import type { TimePattern } from './time-patterns.ts';

/** Whose clock the times are of, and whose days and months the dataset has. */
export interface ClockFound {
  /** What a format says; `undefined` where its times say it, or it is the dataset's. */
  readonly zone: string | undefined;
  /** Of the dataset: an IANA name. */
  readonly timeZone: string;
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

const hourMs = 3_600_000;

/**
 * @param shown.heads names of the time's columns, which may name a zone
 * @param shown.above lines above the header: a zone that they name may be that of something else
 * @param shown.localMs the times as if they were UTC, in the file's order, of one series
 */
export function clockOf(
  { zone: ofTimes }: TimePattern,
  shown: {
    readonly heads: readonly string[];
    readonly above?: readonly string[];
    readonly localMs: readonly number[];
    /** A zone that the file names elsewhere, and what has it. */
    readonly said?: { readonly zone: string; readonly at: string } | undefined;
  },
  answers: Answers,
): ClockFound {
  const { timeZone } = answers;
  const told = (finding: Finding, zone: string | undefined, days: string): ClockFound => ({
    ...{ zone, timeZone: timeZone ?? days, questions: [] },
    findings: [finding, daysFinding(days, timeZone)],
  });
  // The dataset's own zone need not be said again, where it is one of the IANA.
  const zoneBeside = (zone: string) =>
    fixedOffsetMs(zone) === undefined && (timeZone ?? zone) === zone && zone !== 'UTC' ? undefined : zone;
  if (ofTimes === 'each')
    return told(
      certain('zone', 'none', 'each time says its own offset, or is a count in UTC'),
      undefined,
      'UTC',
    );
  if (ofTimes === 'UTC') return told(certain('zone', 'UTC', 'each time says so'), 'UTC', 'UTC');
  const { zone: given } = answers;
  if (given !== undefined) {
    const days = fixedOffsetMs(given) === undefined ? given : etcZone(given);
    // The dataset's own zone need not be said again.
    const zone = (timeZone ?? days) === given ? undefined : given;
    return told(asked('zone', given), zone, days);
  }
  const named = ianaZoneIn(shown.heads) ?? zoneIn(shown.heads.map(zoneApart));
  if (named !== undefined) {
    const reason = `the file says ${JSON.stringify(named.text)}`;
    return told(certain('zone', named.zone, reason), zoneBeside(named.zone), etcZone(named.zone));
  }
  const { said } = shown;
  if (said !== undefined) {
    const reason = `${said.at} says so: is it of these times? If not, --zone`;
    return told(
      guessed('zone', said.zone, reason),
      said.zone === (timeZone ?? said.zone) ? undefined : said.zone,
      said.zone,
    );
  }
  const above = ianaZoneIn(shown.above ?? []) ?? zoneIn(shown.above ?? []);
  if (above !== undefined) {
    const reason = `a line above the header says ${JSON.stringify(above.text)}: is it of the rows? If not, --zone`;
    return told(guessed('zone', above.zone, reason), zoneBeside(above.zone), etcZone(above.zone));
  }
  return {
    ...{ zone: undefined, timeZone: timeZone ?? 'UTC', findings: [] },
    questions: [
      {
        subject: 'zone',
        text: ['Which clock are the times of? They have no offset.', wordIn(shown), habitOf(shown.localMs)]
          .filter((part) => part !== '')
          .join(' '),
        options: ['--zone ZONE'],
      },
    ],
  };
}

function daysFinding(days: string, given: string | undefined): Finding {
  if (given !== undefined) return asked('days and months', given);
  return guessed('days and months', days, 'those of the clock; --time-zone has them in another zone');
}

/** The zone of a fixed offset that Intl knows by a name, for days and months: whole hours only. Its sign is the other one (POSIX). */
function etcZone(zone: string): string {
  const ms = fixedOffsetMs(zone);
  if (ms === undefined) return zone;
  const hours = ms / hourMs;
  if (hours === 0 || !Number.isInteger(hours) || hours < -12) return 'UTC';
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}

/** A zone that a header or a line above it names as the IANA does: `Timestamp (America/New_York)`. */
function ianaZoneIn(heads: readonly string[]): { zone: string; text: string } | undefined {
  const names = heads.flatMap((head) => head.match(/\b[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z_-]+){1,2}\b/g) ?? []);
  const zone = names.find(isTimeZone);
  return zone === undefined ? undefined : { zone, text: zone };
}

/**
 * A zone that a header or a line above it names: `Date Time, GMT-05:00`, `Time (UTC)`. Behind a time of day, as that at which a file was written, it is of
 * this time alone.
 */
function zoneIn(heads: readonly string[]): { zone: string; text: string } | undefined {
  for (const head of heads) {
    const found =
      /(?<!:\d\d(?:\.\d+)? ?(?:[ap]\.?m\.? ?)?)\b(?:GMT|UTC)( ?offset)?(?:(?: ?|\s*[=:,;]\s*)([+-])(\d{1,2})(?::?(\d{2}))?)?(?!\w)/i.exec(
        head,
      );
    if (!found) continue;
    const [text, isOffset, sign, hours = '', minutes = '00'] = found;
    // An offset in another form says that it is not UTC.
    if (sign === undefined && isOffset !== undefined) continue;
    if (sign === undefined) return { zone: 'UTC', text };
    const zone = `${sign}${hours.padStart(2, '0')}:${minutes}`;
    if (fixedOffsetMs(zone) === 0) return { zone: 'UTC', text };
    if (fixedOffsetMs(zone) !== undefined) return { zone, text };
  }
  return undefined;
}

/** A name with the zone as a word of its own: `time_utc`, `DateUTC`. */
export const zoneApart = (name: string): string =>
  name.replaceAll('_', ' ').replaceAll(/([a-z])(?=(?:UTC|GMT)\b)/g, '$1 ');

/** Zones as people write them, by the offset of each and a zone whose clock has it for a part of the year. */
const zoneWords: Readonly<Record<string, readonly [offset: string, zone: string]>> = {
  ...{ EST: ['-05:00', 'America/New_York'], EDT: ['-04:00', 'America/New_York'] },
  ...{ CST: ['-06:00', 'America/Chicago'], CDT: ['-05:00', 'America/Chicago'] },
  ...{ MST: ['-07:00', 'America/Denver'], MDT: ['-06:00', 'America/Denver'] },
  ...{ PST: ['-08:00', 'America/Los_Angeles'], PDT: ['-07:00', 'America/Los_Angeles'] },
  ...{ CET: ['+01:00', 'Europe/Berlin'], CEST: ['+02:00', 'Europe/Berlin'] },
  ...{ MEZ: ['+01:00', 'Europe/Berlin'], MESZ: ['+02:00', 'Europe/Berlin'] },
  ...{ WET: ['+00:00', 'Europe/Lisbon'], WEST: ['+01:00', 'Europe/Lisbon'] },
  ...{ EET: ['+02:00', 'Europe/Athens'], EEST: ['+03:00', 'Europe/Athens'] },
};

/** What a header's word such as EST may mean: many write it the whole year, also of a clock that is changed, and CST is of China too. */
function wordIn({ heads, above = [] }: { heads: readonly string[]; above?: readonly string[] }): string {
  for (const text of [...heads, ...above])
    for (const [word] of text.matchAll(/\b[A-Z]{3,4}\b/g)) {
      const meant = Object.hasOwn(zoneWords, word) ? zoneWords[word] : undefined;
      if (meant !== undefined)
        return `The file says ${word}: ${meant[0]} if the clock stays so all year, or a zone such as ${meant[1]} if it is changed.`;
    }
  return '';
}

/** What the order of the times shows of whether the clock is put forward and back. */
function habitOf(localMs: readonly number[]): string {
  const steps = localMs
    .slice(1)
    .map((ms, at) => ({ at: localMs[at] as number, ms: ms - (localMs[at] as number) }));
  const usual = usualStep(steps.map(({ ms }) => ms));
  if (usual === undefined || usual > hourMs) return '';
  const back = steps.find(({ at, ms }) => isChangeDay(at) && ms <= 0 && ms > -2 * hourMs);
  if (back !== undefined)
    return `On ${dayOf(back.at)} an hour is there twice: the clock follows summer time, as that of a zone such as Europe/Madrid or America/New_York does.`;
  const skipped = steps.find(({ at, ms }) => isChangeDay(at) && ms === usual + hourMs && isNight(at));
  if (skipped !== undefined)
    return `On ${dayOf(skipped.at)} an hour is missing: the clock may follow summer time, as that of a zone such as Europe/Madrid or America/New_York does.`;
  const kept = steps.find(({ at, ms }) => isChangeDay(at) && isNight(at) && ms === usual);
  if (kept !== undefined)
    return `On ${dayOf(kept.at)}, when clocks change in Europe or North America, it went on: it may stay on standard time, which is an offset such as +01:00.`;
  return 'A clock that stays on standard time all year has an offset, such as +01:00.';
}

/** The commonest step forward; `undefined` where none is common. */
function usualStep(steps: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const step of steps) if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  const [step, count = 0] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  return count >= steps.length / 2 ? step : undefined;
}

const isNight = (localMs: number): boolean => localMs % dayMs <= 3 * hourMs;
const dayOf = (localMs: number): string => dayName(Math.floor(localMs / dayMs));

/** Sundays on which clocks change in Europe (the last of March and October), or the USA and Canada (second of March, first of November). */
function isChangeDay(localMs: number): boolean {
  const date = new Date(localMs);
  if (date.getUTCDay() !== 0) return false;
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  return (
    ((month === 3 || month === 10) && day > 24) ||
    (month === 3 && day > 7 && day < 15) ||
    (month === 11 && day < 8)
  );
}
