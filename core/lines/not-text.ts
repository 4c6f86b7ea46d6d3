/** What a file is that is no text, by its first bytes (in hexadecimal). */
const signatures: readonly (readonly [start: string, what: string])[] = [
  ['504b0304', 'a ZIP archive'],
  ['50415231', 'a Parquet file'],
  ['1f8b', 'gzip inside of gzip'],
  ['425a68', 'compressed with bzip2'],
  ['28b52ffd', 'compressed with Zstandard'],
  ['fd377a585a00', 'compressed with xz'],
  ['04224d18', 'compressed with LZ4'],
  ['d0cf11e0a1b11ae1', 'an old Excel workbook (.xls)'],
  ['25504446', 'a PDF'],
  ['89504e47', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['47494638', 'a GIF image'],
  ['53514c69746520666f726d61742033', 'an SQLite database'],
  ['4f626a01', 'an Avro file'],
  ['4f5243', 'an ORC file'],
  ['894844460d0a1a0a', 'an HDF5 or NetCDF file'],
  ['43444601', 'a NetCDF file'],
  ['43444602', 'a NetCDF file'],
  ['47524942', 'a GRIB file'],
  ['4d41544c414220', 'a MATLAB file'],
  ['484f424f', 'a file of a HOBO logger'],
  ['22544f42', 'a binary table of a Campbell Scientific logger (TOB1, TOB2 or TOB3)'],
  ['fffe0000', 'text in UTF-32'],
  ['0000feff', 'text in UTF-32'],
  ['fffe', 'text in UTF-16'],
  ['feff', 'text in UTF-16'],
];

/** Formats whose first bytes are a word, which may begin the header of a table: `PAR1,PAR2,time`. */
const named: ReadonlySet<string> = new Set([
  ...['a Parquet file', 'an ORC file', 'compressed with bzip2'],
  ...['a GRIB file', 'a MATLAB file', 'a file of a HOBO logger'],
]);

const page = 'a page in HTML';

/** How many bytes {@link whatItIs} looks at. */
export const sniffedBytes = 512;

/** What the start of an uncompressed file shows it to be, if not text in UTF-8: `an Excel workbook (.xlsx)`. */
export function whatItIs(start: Buffer): string | undefined {
  const hex = start.toString('hex', 0, 16);
  const found = signatures.find(([signature]) => hex.startsWith(signature))?.[1];
  if (found === 'a ZIP archive' && /\[Content_Types\]\.xml|xl\//.test(start.toString('latin1')))
    return 'an Excel workbook (.xlsx)';
  if (found !== undefined && !(named.has(found) && isPrintable(start))) return found;
  if (isOfFourBytes(start)) return 'text in UTF-32';
  const marked = /^(?:\xef\xbb\xbf)?\s*<(?:(\?xml\s)|!doctype html|html[\s>])/i.exec(
    start.toString('latin1'),
  );
  if (marked !== null) return marked[1] === undefined ? page : 'XML';
  return isWide(start) ? 'text in UTF-16' : undefined;
}

/** Text of which each character has three bytes of NUL, before or behind its own: UTF-32 of a western language, without a mark. */
function isOfFourBytes(start: Buffer): boolean {
  const characters = Math.floor(start.length / 4);
  if (characters < 4) return false;
  const zeros = [0, 1, 2, 3].map((place) => {
    let count = 0;
    for (let at = place; at < characters * 4; at += 4) if (start[at] === 0) count++;
    return count;
  });
  const full = (place: number) => (zeros[place] ?? 0) === characters;
  const [first = 0, , , last = 0] = zeros;
  return (full(1) && full(2) && full(3) && first < characters * 0.1) || (full(0) && full(1) && last < characters * 0.1);
} // biome-ignore format: short

/** Without the control characters that binary data soon has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isPrintable = (start: Buffer): boolean => !/[\0-\x08\x0e-\x1f]/.test(start.toString('latin1'));

/** Text whose every other byte is NUL: UTF-16 of a western language, without a mark. */
function isWide(start: Buffer): boolean {
  const pairs = Math.floor(start.length / 2);
  if (pairs < 8) return false;
  let [even, odd] = [0, 0];
  for (let at = 0; at < pairs * 2; at += 2) {
    if (start[at] === 0) even++;
    if (start[at + 1] === 0) odd++;
  }
  return Math.max(even, odd) > pairs * 0.9 && Math.min(even, odd) < pairs * 0.1;
}

/** What to do about it. */
export function insteadOf(what: string): string {
  if (/Excel/.test(what)) return 'save it as CSV UTF-8 and upload that';
  if (/Campbell/.test(what))
    return 'convert it to TOA5 with CardConvert, which comes with LoggerNet and PC400, and upload that';
  if (what === page)
    return 'look at it in a browser: where it is the message of a server, fetch the file again, and where it is a table, save that as CSV UTF-8';
  if (/HOBO/.test(what)) return 'export it as CSV with HOBOware or HOBOconnect, and upload that';
  if (/UTF-/.test(what)) return 'save it as UTF-8 and upload that';
  if (/gzip/.test(what)) return 'compress it once';
  if (/compressed|ZIP/.test(what)) return 'unpack it, or compress it with gzip';
  return 'export it as CSV or NDJSON';
}
