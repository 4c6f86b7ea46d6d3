import { XMLParser } from 'fast-xml-parser';
import { AwsError } from '../calls.ts';

/** A value that `element` writes: an object is children, an array repeats the element, undefined is left out. */
export type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue };

// A key may hold control characters; as character references the SDK's parser gives them back.
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\p{Cc}\u2028]/gu, (c) => entities[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

/** `<name>value</name>`; text is escaped. */
function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: Exclude<XmlValue, undefined | XmlValue[]>): string {
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, child]) => element(name, child))
    .join('');
}

/** A whole document with its declaration; `namespace` becomes the root's xmlns. */
export function document(name: string, namespace: string, value: { [name: string]: XmlValue }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${namespace}">${content(value)}</${name}>`;
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === 'Part' || name === 'Object',
});

/** The root element's children; throws MalformedXML. `Part` and `Object` are always arrays. */
export function parseXml(body: Buffer, root: string): Record<string, unknown> {
  let parsed: Record<string, unknown>;
  try {
    parsed = parser.parse(body.toString('utf8'), true) as Record<string, unknown>;
  } catch {
    parsed = {};
  }
  const value = parsed[root];
  if (typeof value !== 'object' || value === null) {
    throw new AwsError('MalformedXML', `The XML is not well formed or its root is not ${root}.`);
  }
  return value as Record<string, unknown>;
}
