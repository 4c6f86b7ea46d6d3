import type { Inspection } from './inspect-file.ts';

/** As Biome is set up for this project. */
const lineWidth = 110;

/** The file under `datasets/` that an inspection comes to, in TypeScript, formatted as the others. */
export function datasetSource(
  { definition, shipped, findings }: Inspection,
  { from }: { from: string },
): string {
  const { formats = [], ...rest } = definition;
  const [format] = formats;
  const { kind = 'text', ...own } = format ?? {};
  const call = shipped
    ? `${exportOf(shipped.format.name)}.with(${printed(shipped.given, 4, 'formats')})`
    : `${kind}(${printed(own, 4, 'formats')})`;
  const { expectedEvery, ...above } = rest;
  const members = Object.entries(above).map(([name, value]) => `  ${name}: ${printed(value, 2, name)},`);
  const guesses = findings.filter(({ certainty }) => certainty === 'guessed');
  return [
    "import { defineDataset } from '../core/dataset/dataset.ts';",
    shipped
      ? `import { ${exportOf(shipped.format.name)} } from '../${shipped.module}';`
      : `import { ${kind} } from '../core/formats/${kind}-format.ts';`,
    '',
    '/**',
    ` * As inspected from ${commented(from)}.${guesses.length === 0 ? '' : ' Guessed, and worth a look:'}`,
    ...guesses.map(({ subject, value, reason }) => ` * - ${commented(`${subject}: ${value}; ${reason}`)}`),
    ' */',
    'export default defineDataset({',
    ...members,
    '  formats: [',
    `    ${call},`,
    '  ],',
    ...(expectedEvery === undefined ? [] : [`  expectedEvery: ${quoted(expectedEvery)},`]),
    '});',
    '',
  ].join('\n');
}

/** The name of the export of a shipped format: `isd-lite` is isdLite. */
export const exportOf = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const commented = (text: string): string => text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ');

/** Members that stand one below the other even where a line would hold them. */
const openMembers: ReadonlySet<string> = new Set(['measures', 'formats']);

function printed(value: unknown, indent: number, member = ''): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  const entries = isList
    ? value.map((each) => printed(each, indent + 2))
    : Object.entries(value).map(([name, each]) => `${keyed(name)}: ${printed(each, indent + 2)}`);
  const [open, close] = isList ? ['[', ']'] : ['{ ', ' }'];
  const line = entries.length === 0 ? (isList ? '[]' : '{}') : `${open}${entries.join(', ')}${close}`;
  // Beside it stand its name and a comma.
  const fits = !line.includes('\n') && indent + line.length + 24 <= lineWidth;
  if (fits && !openMembers.has(member)) return line;
  const inner = ' '.repeat(indent + 2);
  const [start, end] = isList ? ['[', ']'] : ['{', '}'];
  return `${start}\n${entries.map((entry) => `${inner}${entry},\n`).join('')}${' '.repeat(indent)}${end}`;
}

const keyed = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));

/** In the quotes that need fewer escapes, as Biome has it. */
function quoted(text: string): string {
  const json = JSON.stringify(text);
  if (text.includes("'")) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"')}'`;
}
