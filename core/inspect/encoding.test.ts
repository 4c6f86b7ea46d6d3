import { expect, test } from 'vitest';
import { decodeStart } from './encoding.ts';

const text = 'time;site;Höhe (°)\n2026-05-01 00:00;A;1\n'.repeat(3);

test.each([
  ['UTF-8', Buffer.from(text), undefined, 'certain'],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), undefined, 'certain'],
  ['UTF-8 that is cut within a letter', Buffer.from(`${text}é`).subarray(0, -1), undefined, 'certain'],
  ['Windows-1252', Buffer.from(text, 'latin1'), 'windows-1252', 'guessed'],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), undefined, 'certain'],
  ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), 'utf-16le', 'certain'],
  ['UTF-16 in the other order', Buffer.from(text, 'utf16le').swap16(), 'utf-16be', 'certain'],
])('%s is read', (_, bytes, encoding, certainty) => {
  const found = decodeStart(bytes);
  expect(found).toMatchObject({ text, encoding, finding: { certainty } });
});

test('what is no text is named, with what to do', () => {
  expect(decodeStart(Buffer.from('255044462d312e37', 'hex'))).toEqual({
    fault: 'it is a PDF: export it as CSV or NDJSON',
  });
});
