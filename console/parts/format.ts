/** Numbers as the page's language writes them. */

const language = (): string => document.documentElement.lang || 'en';
const made = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language()} ${JSON.stringify(options)}`;
  const known = made.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat(language(), options);
  made.set(key, format);
  return format;
}

/** A measured value: six digits say more than sensors know. The API and the CSV have all of them. */
export const measured = (value: number): string =>
  numberFormat({ maximumSignificantDigits: 6 }).format(value === 0 ? 0 : value);
