import { wrapped } from './format.ts';
import type { Option, Options } from './options.ts';

/** What {@link helpPage} shows of a verb's declaration. */
interface Described {
  readonly command: string;
  readonly about?: readonly string[];
  readonly usage?: readonly string[];
  readonly positionals?: Options;
  readonly options: Options;
  readonly notes?: readonly string[];
  readonly examples: readonly [string, ...string[]];
}

const lineWidth = 80;
/** A longer option has its help on the next line. */
const longestLabel = 24;

/** The page of `--help`: how to call it, what it does, each option with its values, examples. */
export function helpPage({
  command,
  about = [],
  usage,
  positionals = {},
  options,
  notes = [],
  examples,
}: Described): string {
  const lines = usage ?? [usageArguments(positionals, options)];
  const rows = [
    ...Object.entries(positionals).map(([name, option]) => toRow(placeholder(name, option), option)),
    ...Object.entries(options).map(([name, option]) => {
      const facts = [...(option.isRequired ? ['required'] : []), ...option.facts];
      return toRow(optionLabel(name, option), { ...option, facts });
    }),
  ];
  const groups = Map.groupBy(rows, ({ group }) => group);
  const width = Math.max(...rows.map(({ label }) => (label.length > longestLabel ? 0 : label.length)), 10);
  const valueNotes = new Set(
    Object.values(options).flatMap(({ note }) => (note === undefined ? [] : [note])),
  );
  return [
    lines
      .flatMap((line, index) => usageLines(index === 0 ? 'Usage: ' : '       ', `${command} ${line}`))
      .join('\n'),
    ...about.map((paragraph) => wrapped(paragraph, lineWidth).join('\n')),
    ...[...groups].map(([heading, of]) =>
      [...(heading === undefined ? [] : [`${heading}:`]), ...of.flatMap((row) => rowLines(row, width))].join(
        '\n',
      ),
    ),
    ...[...valueNotes, ...notes].map((paragraph) => wrapped(paragraph, lineWidth).join('\n')),
    examples.length === 1
      ? `Example: ${examples[0]}`
      : ['Examples:', ...examples.map((example) => `  ${example}`)].join('\n'),
  ].join('\n\n');
}

interface Row {
  readonly label: string;
  readonly help: string;
  readonly group: string | undefined;
}

function toRow(label: string, { help, facts, choices, valueName, group }: Option): Row {
  const words = choices === undefined || valueName === choices.join('|') ? [] : [choices.join(', ')];
  const known = [...words, ...facts];
  return { label, help: known.length === 0 ? help : `${help} (${known.join('; ')})`, group };
}

function optionLabel(name: string, { short, isFlag, valueName }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${isFlag ? '' : ` ${valueName}`}`;
}

/** `list|replay`, `<id>`, `[id]`, `<file>…` */
function placeholder(name: string, { choices, isRequired, isRepeatable, valueName }: Option): string {
  if (choices !== undefined && valueName === choices.join('|'))
    return isRequired ? valueName : `[${valueName}]`;
  return `${isRequired ? `<${name}>` : `[${name}]`}${isRepeatable ? '…' : ''}`;
}

/** `<id> --from DAY [options]` */
function usageArguments(positionals: Options, options: Options): string {
  const required = Object.entries(options).filter(([, { isRequired }]) => isRequired);
  return [
    ...Object.entries(positionals).map(([name, option]) => placeholder(name, option)),
    ...required.map(([name, option]) => optionLabel(name, { ...option, short: undefined })),
    ...(Object.keys(options).length > required.length ? ['[options]'] : []),
  ].join(' ');
}

/** What an option takes stays in its line: `[--from DAY]`. */
function usageLines(start: string, usage: string): string[] {
  const kept = usage.trimEnd().replace(/\[[^\]]*\]/g, (option) => option.replaceAll(' ', '\u00a0'));
  return wrapped(kept, lineWidth - start.length - 2).map((line, index) => {
    const indent = index === 0 ? start : ' '.repeat(start.length + 2);
    return indent + line.replaceAll('\u00a0', ' ');
  });
}

function rowLines({ label, help }: Row, width: number): string[] {
  const [first = '', ...rest] = wrapped(help, lineWidth - width - 4);
  const indent = ' '.repeat(width + 4);
  const head =
    label.length > width
      ? [`  ${label}`, `${indent}${first}`]
      : [`  ${label.padEnd(width)}  ${first}`.trimEnd()];
  return [...head, ...rest.map((line) => `${indent}${line}`)];
}
