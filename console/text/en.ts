interface Limit {
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly changesBy?: number | undefined;
  readonly within?: string | undefined;
}

/** English. A text with values is a function; sections are named as the folders of the views. */
export const en = {
  again: 'Try again',
  loading: 'Loading …',
  start: {
    noConfig: 'The console could not read its configuration.',
    notSignedIn: 'Signing in did not work.',
    signedOut: 'You are signed out.',
    signIn: 'Sign in',
  },
  shell: {
    skip: 'Skip to the view',
    views: 'Views',
    language: 'Language',
    colours: 'Colours',
    asSystem: 'As the system',
    light: 'Light',
    dark: 'Dark',
    signOut: 'Sign out',
    nothingHere: 'Nothing here',
    noView: (path: string) => `No view has the address ${path}.`,
  },
  problem: {
    noAnswer: 'No answer',
    signedOut: 'Your session has ended.',
  },
  exports: {
    curl: 'As curl',
    saving: 'Saving …',
    copy: 'Copy',
    copied: 'Copied',
  },
  table: {
    sort: (column: string) => `Sort by ${column}`,
  },
  cancel: 'Cancel',
  yes: 'yes',
  sensor: 'Sensor',
  readings: 'Readings',
  completeness: 'Completeness',
  contested: 'Contested',
  time: 'Time',
  value: 'Value',
  dataset: 'Dataset',
  measure: 'Measure',
  rule: 'Rule',
  unit: 'Unit',
  views: {
    now: 'Now',
    sensors: 'Sensors',
    series: 'Series',
    alerts: 'Alerts',
    datasets: 'Datasets',
    jobs: 'Jobs',
  },
  chart: {
    how: 'Arrow keys move the cursor, + and − zoom, Page Up and Page Down pan. Drag to zoom.',
    earlier: 'Earlier',
    later: 'Later',
    in: 'Zoom in',
    out: 'Zoom out',
    all: 'All',
    contested: 'contested',
  },
  series: {
    about:
      'How measures went, exactly as the set of readings has them. A line ends where readings that were expected are missing.',
    empty: 'No readings here.',
    period: 'Period',
    periods: { month: 'Months', day: 'Days', hour: 'Hours', raw: 'Readings' },
    from: 'From',
    to: 'To',
    compare: 'Compare with',
    compareNothing: 'nothing',
    compareBefore: 'the days before',
    compareYear: '52 weeks earlier',
    earlier: 'earlier',
    addSensor: 'Add a sensor',
    remove: (sensor: string) => `Remove ${sensor}`,
    allSensors: 'all sensors',
    range: 'Least to greatest',
    deviation: 'Standard deviation',
    quantiles: 'Quantiles 5, 50, 95 %',
    mean: 'mean',
    min: 'least',
    max: 'greatest',
    merged: (sensors: number) => `${sensors} merged`,
    name: (measure: string, who: string, period: string, from: string, to: string) =>
      `${measure} of ${who}, ${period.toLowerCase()} from ${from} to ${to}`,
    numbers: (rows: string) => `The numbers: ${rows} rows`,
    first: (rows: string) => `The first ${rows} are here; the CSV has all.`,
    moreRows: (rows: number) => `More than ${rows} rows: choose a longer period or a shorter span.`,
    readings: (readings: string) => `${readings} readings`,
    cancelled: 'Cancelled.',
    cut: (most: string) => `The chart ends after ${most} readings: choose a shorter span to see the others.`,
  },
  datasets: {
    about: 'What is measured, within which bounds, and how its files are written.',
    timeZone: 'Time zone',
    expectedEvery: 'Expected every',
    notSaid: 'not said: completeness is not known',
    missing: 'Stands for nothing',
    none: 'None.',
    generation: 'Generation',
    shards: 'Shards',
    measures: 'Measures',
    lowest: 'Lowest',
    highest: 'Highest',
    without: 'Without a value',
    valueDropped: 'the value is dropped',
    readingRejected: 'the reading is rejected',
    attributes: 'Attributes',
    attribute: 'Attribute',
    characters: 'Characters at most',
    rules: 'Alert rules',
    breach: 'Breach',
    limit: (rule: Limit, unit: string) =>
      [
        rule.above === undefined ? '' : `above ${rule.above} ${unit}`,
        rule.below === undefined ? '' : `below ${rule.below} ${unit}`,
        rule.changesBy === undefined ? '' : `changes by more than ${rule.changesBy} ${unit}`,
        rule.within === undefined ? '' : `within ${rule.within}`,
      ]
        .filter(Boolean)
        .join(' '),
    all: 'all',
    since: 'Told since',
    files: 'Files',
    filesAbout:
      'The first format whose match takes a file’s name reads it; CSV and JSON of the fields’ own names are always read.',
    schema: 'JSON Schema of a reading',
    sqlAbout: 'For npm run caudal -- sql, and for the workgroup of Athena.',
    questions: {
      days: 'The last 31 days',
      newest: 'When each sensor was last heard of',
      contested: 'Readings that contradict each other',
      gaps: 'The longest silences',
    },
  },
};

/** All words of the console. A language that lacks one, or has one too many, does not compile. */
export type Text = typeof en;
