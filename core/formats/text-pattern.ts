const placeholder = /\{(\w+)\}|\*/g;

/** The expression of a pattern: `{name}` is a group of as many characters as there are, but no slash; `*` any such characters. */
export function patternExpression(pattern: string): RegExp {
  let source = '';
  let from = 0;
  for (const found of pattern.matchAll(placeholder)) {
    source += RegExp.escape(pattern.slice(from, found.index));
    source += found[1] === undefined ? '[^/]*' : `(?<${found[1]}>[^/]+)`;
    from = found.index + found[0].length;
  }
  return new RegExp(`^${source}${RegExp.escape(pattern.slice(from))}$`, 'u');
}
