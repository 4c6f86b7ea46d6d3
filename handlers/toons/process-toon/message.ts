import { failed, type JsonShape, type Outcome } from '../../../core/toons/record.ts';
import { decodeText } from './detect.ts';
import { inferShape } from './shape.ts';

/** A message is something that a person or a program sends, not a file. */
export const maxMessageBytes = 1024 * 1024;

/** Text or JSON: its size, and of JSON the shape. The language of a text is left alone. */
export function processMessage(bytes: Uint8Array): Outcome {
  if (bytes.length > maxMessageBytes) {
    return failed('too-large', `${bytes.length} bytes; a message has at most ${maxMessageBytes}`);
  }
  const text = decodeText(bytes);
  if (text === undefined) return failed('not-utf8', 'the bytes are not UTF-8 text');
  const size = { characters: [...text].length, lines: text.split(/\r\n|\r|\n/).length };
  const schema = shapeOf(text);
  return {
    kind: 'completed',
    result: schema === undefined ? { format: 'text', ...size } : { format: 'json', ...size, schema },
  };
}

/** Only objects and arrays make a message JSON: `42` and `true` are text that happens to parse. */
function shapeOf(text: string): JsonShape | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return inferShape(JSON.parse(text));
  } catch {
    return undefined;
  }
}
