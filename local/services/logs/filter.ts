import { AwsError } from '../../engine/calls.ts';

/**
 * A filter pattern of plain terms: all must occur; `"a b"` is one term, `-x` must not occur, of `?a ?b` one must.
 * Patterns over JSON or columns are refused with InvalidParameterException.
 */
export function compileFilter(pattern: string): (message: string) => boolean {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed)) {
    throw new AwsError('InvalidParameterException', 'The local cloud filters logs by terms only.');
  }
  const terms = [...trimmed.matchAll(/([-?]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, plain]) => ({
    sign,
    text: quoted ?? plain ?? '',
  }));
  const optional = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, text }) => sign === '?' || message.includes(text) !== (sign === '-')) &&
    (optional.length === 0 || optional.some(({ text }) => message.includes(text)));
}
