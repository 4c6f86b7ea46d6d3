/** Text in a format that no declaration describes. */
interface OtherFormat {
  readonly what: string;
  /** What to do about it. */
  readonly instead: string;
  recognises(start: string): boolean;
}

/** So many lines tell. */
const looked = 40;

const linesOf = (start: string): string[] =>
  start.split(/\r\n|\r|\n/, looked).filter((line) => line.trim() !== '');

/** Whether all of the first lines are like an expression, but for the last, which may be cut. */
const areAll = (start: string, expression: RegExp): boolean => {
  const lines = linesOf(start);
  return lines.length > 1 && lines.slice(0, -1).every((line) => expression.test(line));
};

const others: readonly OtherFormat[] = [
  {
    what: 'output arrays of a Campbell Scientific logger (CR10X and its kind): each row begins with the number of its array, and then has the year, the day of the year, and hours and minutes as one number',
    instead: 'have Split of LoggerNet, or a spreadsheet, write each array into a file of its own, with a line of names above it and times such as 2025-06-01 00:15',
    recognises: (start) => areAll(start, /^\s*\d{1,3}, ?(?:19|20)\d\d, ?(?:[1-9]|[1-9]\d|[12]\d\d|3[0-6]\d), ?(?:[1-5]?\d|(?:1?\d|2[0-4])[0-5]\d)(?:, ?-?\d*\.?\d*)+$/),
  },
  {
    what: 'printable ASCII of a Campbell Scientific logger: each value has the number of its column in front of it, as 01+0112.',
    instead: 'collect it as comma separated, or as TOA5, and upload that',
    recognises: (start) => areAll(start, /^\s*\d\d[-+][\d.]+(?:\s+\d\d[-+][\d.]+)*\s*$/),
  },
  {
    what: 'Global Hourly of NOAA (ISD) as CSV: a cell has several numbers, as +0100,5 for 10.0 °C of quality 5',
    instead: 'take ISD-Lite of the same station, which has a number a column, or cut the cells apart',
    recognises: (start) => /^"?STATION"?,"?DATE"?,"?SOURCE"?,"?LATITUDE"?,/.test(start) && /"[+-]\d{4},\w"/.test(start),
  },
  {
    what: 'daily values of NOAA GHCN-Daily with a month a row (.dly)',
    instead: 'take the same station from by_station or by_year of the archive, whose CSV has a day a row',
    recognises: (start) => areAll(start, /^[A-Z]{2}[A-Z0-9_-]{9}(?:1[789]|20)\d\d(?:0[1-9]|1[0-2])[A-Z]{3}[A-Z0-9](?:[ \d-]{5}...){28,31} *$/),
  },
  {
    what: 'lines with a name in front of each value, as Ta=21.6C of a Vaisala transmitter',
    instead: 'have what collects them write a column for each name, as CSV, or an object a line, as NDJSON',
    recognises: (start) => areAll(start, /[,; ]\w{1,12}=[-+]?\d[\d.]*[^\d,;= ]{0,5}[,; ]\w{1,12}=[-+]?\d/),
  },
  {
    what: 'objects as Python prints them, in single quotes, and no JSON',
    instead: 'have json.dumps write them',
    recognises: (start) => /^\s*\[?\s*\{\s*'/.test(start),
  },
  {
    what: 'JSON within a call (JSONP)',
    instead: 'ask without a callback, or take what is between the parentheses',
    recognises: (start) => /^[\w$.]+\(\s*[[{]/.test(start),
  },
  {
    what: 'JSON that has a topic in front of it on each line, as mosquitto_sub -v writes it',
    instead: 'have it write {"topic":…,"payload":…}, as mosquitto_sub -F %j does, and let sensorId be a part of $.topic',
    recognises: (start) => areAll(start, /^[^\s{}[\]",]+ \{".*\}$/),
  },
]; // biome-ignore format: short

/** What a text is that can't be described, and the way out; `undefined` for any other. */
export function otherFormatOf(start: string): string | undefined {
  const found = others.find(({ recognises }) => recognises(start));
  return found && `it is ${found.what}: ${found.instead}`;
}
