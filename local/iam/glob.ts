const compiled = new Map<string, (text: string) => boolean>();

/** A test for a pattern with `*` (any characters, also none) and `?` (one), over the whole text. */
export function globOf(pattern: string): (text: string) => boolean {
  const known = compiled.get(pattern);
  if (known) return known;
  const source = pattern
    .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  const test = /[*?]/.test(pattern)
    ? (text: string) => expression.test(text)
    : (text: string) => text === pattern;
  // Patterns come from the template, so there are as many as it has.
  compiled.set(pattern, test);
  return test;
}
