import { canonicalSensorId } from '../../dataset/sensor-id.ts';
import { shellWord } from '../../shell-word.ts';
import { type Answers, asked, certain, type Finding, guessed, type Question } from '../finding.ts';
import { rowNumber } from '../measures.ts';
import { wordsOf } from '../name-words.ts';
import { mostlyOf } from './cell-kinds.ts';

/** Where the sensor of a row is. */
export interface SeriesFound {
  readonly column: number | undefined;
  /** Columns that are put in front of it: a number of a site is of its county alone. */
  readonly inFront?: readonly number[];
  /** The series of all rows, where no column has it. */
  readonly sensorId: string | undefined;
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

/** What columns are called that name a sensor; some words only alone, since `temp_source` and `file_name` are of something else. */
const sensorName =
  /^#?(?:(?:.*[_ -])?(?:sta|stn|stations?|stations?_?id|idema|sensors?|sensors?_?id|sensore|stazione|site|device|dev_?eui|logger|gauge|node|buoy|boya|entity|estaci[oó]n|estação|estacao|messstelle|standort|capteur|well|probe|gadget|indicativo)(?:[_ -]?(?:id|no|name|code|nr|number|abbr))?|location|location_?id|id|name|serial(?:[_ -]?(?:no|number))?|plot|source(?:_id)?|tag|tag_?name|var_?name|point_?(?:id|name))$/i;

/** The columns that name a site together, as AQS has them. */
const partsOfSite = [/^state[ _]?code$/i, /^county[ _]?code$/i, /^site[ _]?(?:num|number|no|id)$/i];

/** Names that a sensor may have, and much else too. */
const isVague = (name: string): boolean => isAnyId(name) || /^(?:location(?:_?id)?|plot)$/i.test(name);

/** What a reading's own id may be called, too. */
const isAnyId = (name: string): boolean =>
  /^#?(?:id|name|tag|source|node|entity)$/.test(wordsOf(name).join('_'));

/**
 * @param table.taken the columns of the time
 * @param table.named an id that the lines above the header show, where they do
 */
export function seriesOf(
  table: {
    readonly names: readonly string[];
    /** The names with that of the object they are in, where a name such as `id` is of that; by default the names. */
    readonly called?: readonly string[];
    /** By column: whether it stands around rows, and is of several. */
    readonly isAround?: readonly boolean[];
    readonly rows: readonly (readonly string[])[];
    readonly taken: readonly number[];
    readonly named: string | undefined;
    /** The column that a shipped format has for it. */
    readonly declared: number | undefined;
    /** Names of columns that may each be a sensor's. */
    readonly families?: readonly string[];
    /** The file's name without its ending. */
    readonly fileName: string | undefined;
  },
  answers: Answers,
): SeriesFound | { readonly fault: string } {
  const {
    names,
    called = names,
    isAround = [],
    rows,
    taken,
    named,
    declared,
    fileName,
    families = [],
  } = table;
  const none = { column: undefined, sensorId: undefined, questions: [] };
  if (declared !== undefined && (answers.sensorId !== undefined || answers.match?.includes('{sensorId}')))
    return { fault: `column ${names[declared]} of it says the sensor, as in all such files: say no other` };
  if (declared !== undefined && answers.sensorColumn === undefined)
    return {
      ...none,
      column: declared,
      findings: [certain('sensor', `column ${names[declared]}`, 'such files have it there')],
    };
  if (answers.sensorColumn !== undefined) {
    const column = names.indexOf(answers.sensorColumn);
    if (column === -1)
      return {
        fault: `there is no column ${JSON.stringify(answers.sensorColumn)}; there are ${names.join(', ')}`,
      };
    return { ...none, column, findings: [asked('sensor', `column ${answers.sensorColumn}`)] };
  }
  if (answers.sensorId !== undefined)
    return { ...none, sensorId: answers.sensorId, findings: [asked('sensor', answers.sensorId)] };
  if (answers.match?.includes('{sensorId}'))
    return { ...none, findings: [asked('sensor', `in the file's name, ${answers.match}`)] };
  const [state, county, site] = partsOfSite.map((part) => names.findIndex((name) => part.test(name)));
  if (state !== undefined && county !== undefined && site !== undefined && Math.min(state, county, site) >= 0)
    return {
      ...{ ...none, column: site, inFront: [state, county] },
      findings: [
        certain(
          'sensor',
          `columns ${[state, county, site].map((at) => names[at]).join(' and ')}`,
          'the number of a site is of its county',
        ),
      ],
    };
  const cellsOf = (column: number) => rows.map((row) => row[column] ?? '');
  const candidates = names.flatMap((name, column) => {
    const cells = cellsOf(column);
    if (taken.includes(column) || (rowNumber.test(name) && cells.every((cell) => /^\d*$/.test(cell))))
      return [];
    if (!cells.every((cell) => canonicalSensorId(cell) !== undefined)) return [];
    const own = called[column] ?? name;
    const isNamed = sensorName.test(own) || sensorName.test(wordsOf(own).join('_'));
    const distinct = new Set(cells).size;
    const isText = mostlyOf(cells) === 'text';
    const isNumber = cells.every((cell) => /^\d+$/.test(cell));
    if (!isText && !(isNamed && isNumber)) return [];
    // A number for each row is that of the row.
    if (!isNamed && (distinct === rows.length || distinct > 1_000)) return [];
    if (isNumber && distinct === rows.length && distinct > 2) return [];
    const isOfRow = distinct === rows.length && distinct > 2;
    const weight = (isNamed ? 2 : 0) + (isText ? 1 : 0);
    return [{ name, column, isOfRow, isNamed, isVague: isVague(own), isOne: distinct === 1, weight }];
  });
  const repeats = repeatsTime(rows, taken);
  const splitting = candidates.filter(({ column }) => !repeatsTime(rows, [...taken, column]));
  // One that is another in each row is that of a reading, unless the rows are of one time: then each is of a sensor.
  const [best, second] = (
    repeats && splitting.length > 0
      ? splitting
      : candidates.filter(({ weight, isOfRow, name }) => weight > 1 && !(isOfRow && isAnyId(name)))
  ).toSorted(
    (a, b) =>
      Number(a.isOfRow) - Number(b.isOfRow) || Number(a.isVague) - Number(b.isVague) || b.weight - a.weight,
  );
  const within =
    best !== undefined && isAround[best.column] === true && rows.length <= maxIds
      ? candidates.find(
          ({ column, isNamed }) =>
            isNamed && isAround[column] !== true && areWithin(rows, column, best.column),
        )
      : undefined;
  if (best !== undefined && within !== undefined)
    return {
      ...{ ...none, findings: [] },
      questions: [
        {
          subject: 'sensor',
          text: `Which sensor is a record of? ${best.name} is that of several records, ${cellsOf(best.column)[0]}, and ${within.name} is another in each of these, ${[...new Set(cellsOf(within.column))].slice(0, 3).join(', ')}.`,
          options: [within, best].map(({ name }) => `--sensor-column ${shellWord(name)}`),
        },
      ],
    };
  if (best !== undefined) {
    const isRival =
      second !== undefined &&
      second.weight >= best.weight &&
      second.isOfRow === best.isOfRow &&
      second.isVague === best.isVague;
    const others = isRival ? `; ${second.name} would do too` : '';
    const isSure =
      best.weight > 1 && others === '' && (repeats || !best.isOfRow) && !(best.isVague && best.isOne);
    const reason = `${repeats && splitting.length > 0 ? 'each time is there once for each of them' : 'it is called so'}: ${[...new Set(cellsOf(best.column))].slice(0, 3).join(', ')}${others}`;
    return {
      ...none,
      column: best.column,
      findings: [(isSure ? certain : guessed)('sensor', `column ${best.name}`, reason)],
    };
  }
  if (named !== undefined)
    return {
      ...none,
      sensorId: named,
      findings: [
        guessed(
          'sensor',
          named,
          'the lines above the header name it; for files of others give each a folder',
        ),
        ...families.map((pattern) =>
          guessed(
            'columns',
            `${pattern} of one sensor`,
            `they differ in one part: ${wideOption(pattern)} if that is the sensor`,
          ),
        ),
      ],
    };
  const known = fileName === undefined ? '' : `; the file is called ${fileName}`;
  return {
    ...none,
    findings: [],
    questions: [
      {
        subject: 'sensor',
        text: [
          `Which sensor is the file of? No column names one${known}.`,
          ...(families.length === 0
            ? []
            : [`Columns called ${families.join(' and ')} differ in one part alone: each may be a sensor's.`]),
        ].join(' '),
        options: [
          ...(families.length === 0 ? [] : [families.map(wideOption).join(' ')]),
          '--sensor ID',
          '--sensor-column COLUMN',
          "--match '{sensorId}_*.csv' (where the files' names have it)",
        ],
      },
    ],
  };
}

/** As many records may be one of each of several sensors: of more each has an id of its own. */
const maxIds = 20;

/** Whether rows with one cell in a column have several in another. */
function areWithin(rows: readonly (readonly string[])[], column: number, outer: number): boolean {
  const cells = new Map<string | undefined, string | undefined>();
  for (const row of rows) {
    const known = cells.get(row[outer]);
    if (known !== undefined && known !== row[column]) return true;
    cells.set(row[outer], row[column]);
  }
  return false;
}

const wideOption = (pattern: string): string => `--sensor-columns ${shellWord(pattern)}`;

/** Whether rows have the same cells in these columns. */
function repeatsTime(rows: readonly (readonly string[])[], columns: readonly number[]): boolean {
  const seen = new Set<string>();
  let repeated = 0;
  for (const row of rows) {
    const key = columns.map((column) => row[column]).join('\n');
    if (seen.has(key)) repeated++;
    seen.add(key);
  }
  return repeated > rows.length * 0.05;
}
