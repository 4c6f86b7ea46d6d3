import { readPoint } from '../../lines/json/line-protocol.ts';

/** JSON values in a text: one document, or one behind the other, as lines or pretty-printed; of an array that is cut its whole elements. */
export function documentsOf(text: string): readonly unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) return [whole.value];
  const found = wholeOf(text);
  if (found.length > 0 || !/^\s*\[/.test(text)) return found;
  const elements = wholeOf(text.slice(text.indexOf('[') + 1));
  return elements.length === 0 ? [] : [elements];
}

/** The points in a text of InfluxDB's line protocol. */
export const pointsOf = (text: string): readonly unknown[] =>
  text.split('\n').flatMap((line) => {
    const point = /^\s*(?:#|$)/.test(line) ? undefined : readPoint(line);
    return point === undefined || 'kind' in point ? [] : [point];
  });

/** The documents that stand side by side; what is none is passed over. */
const wholeOf = (text: string): unknown[] =>
  piecesOf(text).flatMap((piece) => {
    const document = parsed(piece);
    return document === undefined ? [] : [document.value];
  });

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The objects and arrays of a text that stand side by side, each from its first bracket to its last. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let [depth, start, isQuoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === '\\') at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') {
      if (depth === 0) start = at;
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth === 0) pieces.push(text.slice(start, at + 1));
      if (depth < 0) depth = 0;
    }
  }
  return pieces;
}
