import type { Rejected } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';
import { isJson } from './grammar.ts';
import type { Place } from './records/record-places.ts';
import { anyRepeatedKey } from './repeated-keys.ts';

type Members = Readonly<Record<string, unknown>>;

const accepted =
  'a message of SQS with a body, a list of them, or { "Records": [ … ] } as a function gets them';

/**
 * The records in the bodies of SQS messages: of one message, as EventBridge Pipes writes each to a stream; of a list of them, as Pipes hands a batch over;
 * or of the `Records` of a function's event. A body is a JSON text, or is JSON already where Pipes has parsed it; a list in it is a record
 * each. What is no record is told in its place, so that it costs itself and not its neighbours.
 */
export function* sqsRecords(document: unknown): Generator<Place | Rejected> {
  const messages = messagesOf(document);
  if (messages === undefined) {
    yield rejected('not-an-object', `the document is ${show(document)}; accepted: ${accepted}`);
    return;
  }
  for (const [index, message] of messages.entries()) yield* recordsOf(document, message, index);
}

function messagesOf(document: unknown): readonly unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (!isObject(document)) return undefined;
  if (Object.hasOwn(document, 'body')) return [document];
  return Array.isArray(document.Records) ? document.Records : undefined;
}

function* recordsOf(document: unknown, message: unknown, index: number): Generator<Place | Rejected> {
  const body = isObject(message) && Object.hasOwn(message, 'body') ? message.body : undefined;
  if (body === undefined || body === null) {
    yield rejected('missing-field', `body of a message is ${show(body)}; accepted: a JSON text`);
    return;
  }
  const parsed = typeof body === 'string' ? parseBody(body) : { value: body };
  if ('kind' in parsed) {
    yield parsed;
    return;
  }
  const records = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  for (const record of records)
    yield isObject(record)
      ? { record, nodes: [document, record], keys: [index] }
      : rejected('not-an-object', `body of a message holds ${show(record)}; accepted: a JSON object`);
}

function parseBody(text: string): { readonly value: unknown } | Rejected {
  // Asked first: to throw takes longer than all the rest.
  if (!isJson(text)) return rejected('not-json', `body of a message is ${show(text)}; accepted: a JSON text`);
  const value: unknown = JSON.parse(text);
  return anyRepeatedKey(text, value) ?? { value };
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
