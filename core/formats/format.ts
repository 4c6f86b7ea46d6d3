import { checkTextFormat } from './check-format.ts';
import { checkJsonFormat } from './check-json-format.ts';
import type { FormatFault, FormatSubject } from './check-parts.ts';
import type { JsonFormat } from './json-format.ts';
import type { TextFormat } from './text-format.ts';

/** How files, or lines of the stream, are written. */
export type Format = TextFormat | JsonFormat;

/** The first fault of a format; `undefined` when it is sound. */
export function checkFormat(format: Format, subject: FormatSubject): FormatFault | undefined {
  if (typeof format !== 'object' || format === null) return ['', format, 'text({ … }) or json({ … })'];
  if (format.kind === 'json') return checkJsonFormat(format, subject);
  if (format.kind === 'text') return checkTextFormat(format, subject);
  const { kind } = format as { readonly kind: unknown };
  return ['kind', kind, 'text or json, as text({ … }) and json({ … }) have it'];
}
