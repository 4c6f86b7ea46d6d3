import type { Refusal } from '../core/lines/gate.ts';
import { oneLine } from './print.ts';

/** Why nothing of a file is taken, what it probably is, and its lines, to stand below its name. */
export function refusalText({ reason, detail, cause, lines }: Refusal): string[] {
  return [
    `  refused, ${reason}: ${detail}`,
    ...(cause === undefined ? [] : [`  likely: ${cause}`]),
    ...lines.flatMap(({ line, text, reason: why, detail: what }) => [
      `  line ${line}${why === undefined ? '' : `  ${why}: ${what}`}`,
      `    ${oneLine(text)}`,
    ]),
  ];
}
