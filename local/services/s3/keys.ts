/** UTF-8 byte order, which is how S3 lists; JavaScript's own order differs past U+D7FF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Code units in code point order: surrogates stand for the planes above U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Keys in listing order. Adding is O(1); sorting happens at the next listing. */
export class SortedKeys {
  #sorted: string[] = [];
  #added = new Set<string>();
  #removed = new Set<string>();

  add(key: string): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  remove(key: string): void {
    if (!this.#added.delete(key)) this.#removed.add(key);
  }

  /** Keys that sort at or after `from` (after it, with `exclusive`), in order. */
  *after(from: string, exclusive = false): Generator<string, void, string | undefined> {
    const keys = this.#settle();
    let index = lowerBound(keys, from);
    if (exclusive && keys[index] === from) index++;
    while (index < keys.length) {
      const jump = yield keys[index] as string;
      index = jump === undefined ? index + 1 : Math.max(index + 1, lowerBound(keys, jump));
    }
  }

  #settle(): string[] {
    if (this.#removed.size > 0) {
      this.#sorted = this.#sorted.filter((key) => !this.#removed.has(key));
      this.#removed.clear();
    }
    if (this.#added.size > 0) {
      const added = [...this.#added].sort(compareKeys);
      this.#added.clear();
      this.#sorted = merge(this.#sorted, added);
    }
    return this.#sorted;
  }
}

function merge(a: string[], b: string[]): string[] {
  const merged: string[] = [];
  let i = 0;
  for (const key of b) {
    while (i < a.length && compareKeys(a[i] as string, key) < 0) merged.push(a[i++] as string);
    merged.push(key);
  }
  while (i < a.length) merged.push(a[i++] as string);
  return merged;
}

function lowerBound(keys: string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The least string that sorts after every key with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = (points.pop() as string).codePointAt(0) as number;
    if (last >= 0x10ffff) continue;
    // Skips the surrogates, which no key holds.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
