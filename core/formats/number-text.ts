/** Signs and digits of other scripts' width, by what they are in ASCII. */
const wide = /[\u2212\ufe63\uff0b-\uff0e\uff10-\uff19]/g;

/** A text with the minus sign (U+2212), which Scandinavian programs write, and digits and marks of full width as ASCII has them. */
export const asciiNumber = (text: string): string =>
  text.replace(wide, (sign) => (sign < '\uff00' ? '-' : String.fromCharCode(sign.charCodeAt(0) - 0xfee0)));

/** How a file writes its numbers. */
export interface NumberNotation {
  readonly decimal: '.' | ',';
  /** What stands between groups of three digits; a space is also a no-break or a narrow one. */
  readonly thousands?: '.' | ',' | ' ' | "'" | undefined;
}

const expressions = new Map<string, RegExp>();

/**
 * A cell as a number, strictly, in a file's notation (see also {@link asciiNumber}): NaN and infinity for the words that mean them; any other text as it is. Groups of
 * digits are whole groups of three: `1.23` is no number where points stand between thousands.
 */
export function numberOf(text: string, { decimal, thousands }: NumberNotation): number | string {
  const plain = asciiNumber(text);
  if (expressionOf(decimal, thousands).test(plain)) {
    const digits = thousands === undefined ? plain : plain.replaceAll(separator(thousands, 'g'), '');
    return Number(decimal === '.' ? digits : digits.replace(',', '.'));
  }
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?inf(?:inity)?$/i.test(text)) return text;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** As {@link numberOf}, of a text that may have a unit behind its number. @param unit begins with no digit */
export function numberIn(text: string, notation: NumberNotation, unit: string | undefined): number | string {
  const value = numberOf(text, notation);
  if (typeof value === 'number' || unit === undefined || !text.endsWith(unit)) return value;
  const bare = numberOf(text.slice(0, -unit.length).trim(), notation);
  return Number.isFinite(bare) ? bare : value;
}

/** A unit as it may stand behind numbers; none that begins with a digit, which would be a part of them. */
export const behindNumbers = (unit: string): string | undefined =>
  /^[^\p{N}\s]/u.test(unit) ? unit : undefined;

function expressionOf(decimal: string, thousands: string | undefined): RegExp {
  const name = `${decimal}${thousands ?? ''}`;
  let expression = expressions.get(name);
  if (expression === undefined) {
    const grouped = thousands === undefined ? '' : `\\d{1,3}(?:${separator(thousands).source}\\d{3})+|`;
    expression = new RegExp(
      `^[+-]?(?:(?:${grouped}\\d+)(?:[${decimal}]\\d*)?|[${decimal}]\\d+)(?:[eE][+-]?\\d+)?$`,
    );
    expressions.set(name, expression);
  }
  return expression;
}

const separator = (thousands: string, flags = ''): RegExp =>
  new RegExp(thousands === ' ' ? '[ \\u00a0\\u2009\\u202f]' : `[${thousands}]`, flags);
