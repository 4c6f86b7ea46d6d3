const space = /[ \t\n\r]/;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a text
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const word = /true|false|null/y;

/**
 * Whether JSON.parse would take a text, without its exception: to throw one takes some 5 µs, fifty times what a short line takes
 * otherwise, and a stream can have millions of lines that are none. For short texts; of long ones the exception is the smaller part.
 */
export function isJson(json: string): boolean {
  /** The closing brackets that are still to come, the last one first. */
  const open: string[] = [];
  let at = 0;
  const skip = () => {
    while (at < json.length && space.test(json[at] as string)) at++;
  };
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(json)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const key = (): boolean => {
    if (!take(text)) return false;
    skip();
    return json[at++] === ':';
  };
  for (;;) {
    skip();
    const first = json[at];
    if (first === '{' || first === '[') {
      at++;
      skip();
      const close = first === '{' ? '}' : ']';
      if (json[at] !== close) {
        if (first === '{' && !key()) return false;
        open.push(close);
        continue;
      }
      at++;
    } else if (
      !take(
        first === '"'
          ? text
          : first === '-' || (first !== undefined && first >= '0' && first <= '9')
            ? number
            : word,
      )
    )
      return false;
    for (;;) {
      skip();
      const close = open.at(-1);
      if (close === undefined) return at === json.length;
      const next = json[at++];
      if (next === close) {
        open.pop();
        continue;
      }
      if (next !== ',') return false;
      skip();
      if (close === '}' && !key()) return false;
      break;
    }
  }
}
