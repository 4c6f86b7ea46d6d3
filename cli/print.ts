import { coloured } from './colour.ts';
import { awsPrefix, commandPrefix, deploySuffix } from './connection.ts';

/** What a terminal obeys or that turns the direction of text: C0 but for tab and newline, DEL, C1, and the marks of bidirectional text. */
const controls = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A text as it may be shown: control characters stand as `\u001b`. Lines, keys, ids and causes come from whoever sent them, and must not
 * move the cursor, change the title or hide what they say. In JSON the same escape is the same value.
 */
export function printable(text: string): string {
  return text.replace(controls, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** {@link printable}, on one line: a key or a line with a newline must not look like a line of ours, with a command to copy. */
export const oneLine = (text: string): string =>
  printable(text).replace(
    /[\t\n]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A command of ours in a text, but for one that has its endpoint or stage already. */
const ownCommand = /(?<!(?:AWS_ENDPOINT_URL|CAUDAL_STAGE)=\S+ )\bnpm run (?:-s )?(?:caudal|producer)\b/g;
/** A deployment in a text, but for one that has its options already. */
const deployment = /\bnpm run deploy\b(?! --)/g;
/** A command of the AWS CLI, as the verbs suggest it. */
const awsCommand = /(?<!AWS_\w+=\S+ )\baws (?=(?:cloudformation|dynamodb|events|pipes|s3) [a-z])/g;

/** A text whose commands go where this program went, as they stand there: another port, account or stage is not what a person meant. */
export function withEndpoint(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return text
    .replace(ownCommand, (found) => `${commandPrefix(env)}${found}`)
    .replace(deployment, (found) => `${found}${deploySuffix(env)}`)
    .replace(awsCommand, (found) => `${awsPrefix(env)}${found}`);
}

/** Prints a page, or a line, to standard output. All that the command lines print goes through here, {@link printHelp} or {@link printError}. */
export function print(text: string): void {
  console.log(coloured(withEndpoint(printable(text)), process.stdout));
}

/** Prints data, such as rows: as {@link print}, but nothing in it is taken for a command or coloured. */
export function printData(text: string): void {
  console.log(printable(text));
}

/** Prints the page of `--help`, whose commands are for any place. */
export function printHelp(text: string): void {
  console.log(coloured(printable(text), process.stdout));
}

/** As {@link print}, to standard error. */
export function printError(text: string): void {
  console.error(coloured(withEndpoint(printable(text)), process.stderr));
}
