import { type Dataset, DatasetDefinitionError } from '../dataset/dataset.ts';

/** What a column holds; `whole` has 32 bits, `long` 64. A `time` is a timestamp without a zone, in UTC or local as its column says; a `day` one of the local calendar. */
type LakeType = 'text' | 'time' | 'day' | 'number' | 'whole' | 'long' | 'flag';

export interface LakeColumn {
  /** In lower case, words joined by `_`: what every engine takes without quotes. */
  readonly name: string;
  readonly type: LakeType;
  /** The unit of a measure, or what the column is. */
  readonly comment: string;
}

/** A column of the partition files, as it lies there. */
export interface FileColumn {
  readonly name: string;
  /** `instant` is a timestamp in UTC. */
  readonly type: 'text' | 'instant' | 'number' | 'whole' | 'long' | 'flag';
}

/** Of columns of numbers: measures are of the type `number`. */
const typesOf = {
  number: { file: 'number', view: 'number' },
  integer: { file: 'long', view: 'long' },
  boolean: { file: 'flag', view: 'flag' },
  time: { file: 'instant', view: 'time' },
} as const;

/** How a dataset is asked by SQL: the readings that count, and under them its files as they lie. */
export interface LakeView {
  readonly dataset: Dataset;
  /** The dataset's name with `_` for `-`. */
  readonly name: string;
  /** The relation of the files: every reading, withdrawn ones too, with `date` and the columns of the file. */
  readonly files: string;
  readonly comment: string;
  readonly columns: readonly LakeColumn[];
  readonly fileColumns: readonly FileColumn[];
  /** The fields that the columns of measures and attributes are read from, by name of the column. */
  readonly fieldOf: ReadonlyMap<string, string>;
}

/** The columns of every view, before and after those of its measures and attributes. */
const leading = ({ timeZone, entity }: Pick<Dataset, 'timeZone' | 'entity'>): readonly LakeColumn[] => [
  entity === undefined
    ? { name: 'sensor_id', type: 'text', comment: 'the series' }
    : { name: snakeCase(entity), type: 'text', comment: 'the entity, of whom the event is' },
  {
    name: 'time_utc',
    type: 'time',
    comment: `when it ${entity === undefined ? 'was measured' : 'happened'}, in UTC`,
  },
  { name: 'local_time', type: 'time', comment: `the same in ${timeZone}` },
  {
    name: 'local_date',
    type: 'day',
    comment: `its day in ${timeZone}; naming days here reads only their files`,
  },
];
const trailing: readonly LakeColumn[] = [
  { name: 'revision', type: 'whole', comment: 'of the reading; 0 unless it was corrected by number' },
  {
    name: 'uploaded_at',
    type: 'time',
    comment: 'when its file was uploaded, in UTC; 1970-01-01 for what came by the stream',
  },
  { name: 'contested', type: 'flag', comment: 'different contents were sent for it with the same right' },
];

/**
 * How the datasets are asked by SQL.
 * @throws {DatasetDefinitionError} where two relations would have one name: `river` and `river-files`
 */
export function lakeViews(datasets: readonly Dataset[]): LakeView[] {
  const views = datasets.map(lakeView);
  const names = views.flatMap(({ name, files }) => [name, files]);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new DatasetDefinitionError(
      `Two datasets would both be ${twice} in SQL: rename one of them, since <name>_files are the files of <name>`,
    );
  return views;
}

function lakeView(dataset: Dataset): LakeView {
  const name = dataset.name.replaceAll('-', '_');
  const fieldOf = new Map<string, string>();
  const taken = new Set([...leading(dataset), ...trailing].map((column) => column.name));
  const ownColumn = (field: string): string => {
    const base = snakeCase(field);
    let column = base;
    for (let number = 2; taken.has(column); number++) column = `${base}_${number}`;
    taken.add(column);
    fieldOf.set(column, field);
    return column;
  };
  const measures = Object.entries(dataset.measures).map(([field, { unit, min, max, type }]): LakeColumn => {
    if (type !== undefined)
      return { name: ownColumn(field), type: typesOf[type].view, comment: `the attribute ${field}` };
    const comment = `${unit === '' ? 'without a unit' : unit}, ${min} to ${max}`;
    return { name: ownColumn(field), type: 'number', comment };
  });
  const attributes = Object.keys(dataset.attributes).map((field): LakeColumn => {
    return { name: ownColumn(field), type: 'text', comment: `the attribute ${field}` };
  });
  return {
    ...{ dataset, name, files: `${name}_files`, fieldOf },
    comment: `${dataset.kind} of ${dataset.name} that count: the winning version of each, without withdrawn ones`,
    columns: [...leading(dataset), ...measures, ...attributes, ...trailing],
    fileColumns: [
      { name: 'sensorId', type: 'text' },
      { name: 'timestamp', type: 'instant' },
      { name: 'revision', type: 'whole' },
      { name: 'uploadedAt', type: 'instant' },
      { name: 'contested', type: 'flag' },
      { name: 'withdrawn', type: 'flag' },
      ...dataset.measureNames.map((field): FileColumn => {
        return { name: field, type: typesOf[dataset.measures[field]?.type ?? 'number'].file };
      }),
      ...dataset.attributeNames.map((field): FileColumn => ({ name: field, type: 'text' })),
    ],
  };
}

/** The column of the sensor, or of the entity: the first. */
export const entityColumn = ({ columns }: Pick<LakeView, 'columns'>): string =>
  (columns[0] as LakeColumn).name;

/** The views that SQL names, or whose files it does, by its words: one in a remark counts too. */
export function viewsNamedIn(sql: string, views: readonly LakeView[]): LakeView[] {
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  return views.filter(({ name, files }) => words.has(name) || words.has(files));
}

/** `airTemperature` is `air_temperature`, `pm25` and `CO2` stay words. */
const snakeCase = (field: string): string =>
  field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
