import type { Answer } from '../../api/operations.ts';

type Question = { readonly title: 'days' | 'newest' | 'contested' | 'gaps'; readonly sql: string };

/** `airTemperature` is `air_temperature` in the views of docs/sql.md, `water-temperature` is `water_temperature`. */
const named = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_');

/** Statements that `npm run caudal -- sql` and Athena answer for this dataset. */
export function questionsFor(dataset: Answer<'getDataset'>): readonly Question[] {
  const view = named(dataset.name);
  const [first] = Object.keys(dataset.measures);
  const measure = first && named(first);
  const noun = dataset.kind;
  const entity = named(dataset.entity ?? 'sensor_id');
  return [
    {
      title: 'days',
      sql: `select local_date, count(*) as ${noun}${measure === undefined ? '' : `, avg(${measure}) as mean, min(${measure}), max(${measure})`}
from ${view}
where local_date >= current_date - interval '31' day
group by local_date
order by local_date`,
    },
    {
      title: 'newest',
      sql: `select ${entity}, max(time_utc) as newest
from ${view}
where local_date >= current_date - interval '31' day
group by ${entity}
order by newest`,
    },
    {
      title: 'contested',
      sql: `select local_date, ${entity}, count(*) as contested
from ${view}
where contested
group by local_date, ${entity}
order by contested desc`,
    },
    {
      title: 'gaps',
      sql: `select ${entity}, time_utc as until, time_utc - before as silence
from (
  select ${entity}, time_utc, lag(time_utc) over (partition by ${entity} order by time_utc) as before
  from ${view}
)
where before is not null
order by silence desc
limit 20`,
    },
  ];
}
