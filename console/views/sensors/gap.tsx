import { useEffect, useRef } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { Counts, Lines } from '../../parts/counts.tsx';
import { Exports } from '../../parts/exports.tsx';
import { count, zoned } from '../../parts/format.ts';
import { Problem } from '../../parts/problem.tsx';
import { apart } from '../../parts/sensor-ids.ts';
import { Table } from '../../parts/table.tsx';
import { dayOf } from '../../parts/time.ts';

/** Why readings are missing on the day that the address names: `gap=2024-01-31 <sensor>`. */
export function Gap({ dataset }: { dataset: string }) {
  const { text, api } = useConsole();
  const chosen = useRoute().query.get('gap');
  const request = {
    operation: 'explainGaps',
    parameters: { dataset, day: chosen?.slice(0, 10) ?? '', sensor: chosen?.slice(11) ?? '' },
  } as const;
  const { day, sensor } = request.parameters;
  const asked = useAsked(chosen === null ? undefined : JSON.stringify(request), (signal) =>
    api.call('explainGaps', request.parameters, { signal }),
  );
  const found = asked.value?.day === day && asked.value.sensorId === sensor ? asked.value : undefined;
  const section = useRef<HTMLElement>(null);
  // On a small screen it would be below what is seen.
  useEffect(() => {
    if (found) section.current?.scrollIntoView({ block: 'nearest' });
  }, [found]);
  if (chosen === null) return null;
  const close = () => {
    // Back to the day that it was about.
    document.querySelector<HTMLElement>('.heat [aria-pressed="true"]')?.focus();
    changeQuery({ gap: undefined }, 'replace');
  };
  return (
    <section class="gap" ref={section} aria-labelledby="gap">
      <div class="head">
        <h2 id="gap">{text.gap.why(apart(sensor), day)}</h2>
        <button type="button" onClick={close}>
          {text.gap.close}
        </button>
      </div>
      {asked.error !== undefined && <Problem error={asked.error} again={asked.again} />}
      <div role="status">
        {asked.busy && <p class="busy">{text.loading}</p>}
        {found && <p>{saidOf(found, text.gap)}</p>}
      </div>
      {found && <Why found={found} />}
      <Exports name={`gap-${day}`} requests={[request]} csv={() => rowsOf(found)} />
    </section>
  );
}

type Found = Answer<'explainGaps'>;
/** What is missing by its reason, and what of the day was not taken. */
function rowsOf(found: Found | undefined): (readonly unknown[])[] {
  const { missing, rejected, withoutValue = {}, dropped = {}, late, refused = [] } = found ?? {};
  return [
    ['what', 'of', 'reason', 'count'],
    ...(['neverSent', 'rejected', 'withdrawn'] as const).flatMap((reason) =>
      missing?.[reason] ? [['missing', '', reason, missing[reason]]] : [],
    ),
    ...Object.entries(rejected?.byReason ?? {}).map(([reason, lines]) => [
      'rejected lines',
      '',
      reason,
      lines,
    ]),
    ...Object.entries(withoutValue).map(([measure, values]) => ['without value', measure, '', values]),
    ...Object.entries(dropped).flatMap(([measure, counts]) =>
      Object.entries(counts).map(([reason, values]) => ['left out', measure, reason, values]),
    ),
    ...(late ? [['late files', '', '', late.objects]] : []),
    ...refused.map(({ key, reason }) => ['refused file', key, reason, '']),
  ];
}

type Words = ReturnType<typeof useConsole>['text']['gap'];

function saidOf({ readings, expected, looked, day, timeZone }: Found, words: Words): string {
  const has = count(readings);
  if (expected === null) return `${words.has(has)} ${words.notExpected}`;
  if (expected === 0) return `${words.has(has)} ${words.seldom}`;
  const isOver = dayOf(Date.parse(looked.until), timeZone) !== day;
  return isOver ? words.hasOf(has, count(expected)) : words.soFar(has, count(expected));
}

function Why({ found }: { found: Found }) {
  const { text } = useConsole();
  const words = text.gap;
  const { missing, rejected, withoutValue, dropped, late, refused, waiting, looked, timeZone } = found;
  const isCertain = looked.isAll && waiting === 0 && refused.length === 0;
  const reasons = (['neverSent', 'rejected', 'withdrawn'] as const).filter((name) => missing?.[name]);
  const at = (when: string) => zoned(when, timeZone);
  return (
    <>
      {missing?.count === 0 && found.expected !== 0 && <p>{words.nothingMissing}</p>}
      {missing !== null && missing.count > 0 && (
        <Table
          caption={words.missing}
          nothing=""
          rows={reasons}
          keyOf={(name) => name}
          columns={[
            { name: 'reason', title: words.reason, cell: (name) => words.reasons[name] },
            { name: 'count', title: words.howMany, number: true, cell: (name) => count(missing[name]) },
            {
              name: 'means',
              title: words.whatToDo,
              cell: (name) =>
                `${words.means[name]}${name === 'neverSent' && !isCertain ? ` ${words.means.atMost}` : ''}`,
            },
          ]}
        />
      )}
      {rejected.lines > 0 && (
        <>
          <h3>{words.lines(count(rejected.lines))}</h3>
          <Counts counts={rejected.byReason} />
          {rejected.mended > 0 && <p>{words.mended(count(rejected.mended))}</p>}
          <Lines title={words.lines(count(rejected.lines))} lines={rejected.examples} />
        </>
      )}
      {Object.keys(withoutValue).length > 0 && (
        <>
          <h3>{words.withoutValue}</h3>
          <Counts counts={withoutValue} />
        </>
      )}
      {Object.keys(dropped).length > 0 && (
        <>
          <h3>{words.dropped}</h3>
          {Object.entries(dropped).map(([measure, counts]) => (
            <Counts key={measure} of={measure} counts={counts} />
          ))}
        </>
      )}
      {late !== null && <p>{words.late(late.objects, at(late.first), at(late.last))}</p>}
      {refused.length > 0 && (
        <>
          <h3>{words.refused}</h3>
          <ul>
            {refused.map(({ key, reason, detail, arrivedAt }) => (
              <li key={key}>
                <code>{key}</code>, {at(arrivedAt)}: {reason}, <span lang="en">{detail}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {waiting > 0 && <p>{words.waiting(count(waiting))}</p>}
      <p class="about">
        {words.looked(count(looked.objects))} {!looked.isAll && words.notAll}
      </p>
    </>
  );
}
