import { type Part, type Piece, piecesOf } from './time-format.ts';

/** The parts of a time that are digits alone. */
export const digitParts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'] as const;
type DigitPart = (typeof digitParts)[number];

/** A run of digits, or one character of ASCII that stands as it is. */
type FormPiece =
  | { readonly part: DigitPart; readonly least: number; readonly most: number }
  | { readonly character: string };

/** One way to write times in digits, every piece of which has to be there. */
export interface DigitForm {
  readonly pieces: readonly FormPiece[];
  /** Its texts say that they are of UTC. */
  readonly isUtc: boolean;
}

/** More of them are of a pattern that leaves half of itself open. */
const mostForms = 8;
const isoForms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.S'Z'"];

/**
 * The forms that the texts of a time format have, where digits alone tell their parts: what is read by them is what `readTime` gives. A
 * text of the format may have another form yet, such as an offset. Empty for formats with names, offsets, counts.
 */
export function digitForms(format: string): readonly DigitForm[] {
  const isUtc = format === 'iso';
  const forms = (isUtc ? isoForms : [format]).flatMap((pattern) => formsOf(piecesOf(pattern) ?? []));
  return forms.length > mostForms ? [] : forms.map((pieces) => ({ pieces, isUtc }));
}

/** Each with or without what is in brackets. */
function formsOf(pieces: readonly Piece[]): FormPiece[][] {
  const open = pieces.findIndex((piece) => 'bracket' in piece);
  if (open === -1) {
    const form = pieces.map(formPieces);
    return form.includes(undefined) || !hasDate(form.flat() as FormPiece[]) ? [] : [form.flat() as FormPiece[]];
  }
  let [close, depth] = [open, 0];
  for (; close < pieces.length; close++) {
    const piece = pieces[close];
    if (piece !== undefined && 'bracket' in piece) depth += piece.bracket === '[' ? 1 : -1;
    if (depth === 0) break;
  }
  const [before, inside, after] = [pieces.slice(0, open), pieces.slice(open + 1, close), pieces.slice(close + 1)];
  const form = formsOf([...before, ...inside, ...after]);
  return [...form, ...formsOf([...before, ...after])];
} // biome-ignore format: short

const hasDate = (form: readonly FormPiece[]): boolean =>
  ['year', 'month', 'day'].every((part) => form.some((piece) => 'part' in piece && piece.part === part));

/** `undefined` for a piece that is no run of digits and no ASCII. */
function formPieces(piece: Piece): readonly FormPiece[] | undefined {
  if ('bracket' in piece) return undefined;
  if ('text' in piece)
    return /^[\x20-\x7e]*$/.test(piece.text)
      ? [...piece.text].map((character) => ({ character }))
      : undefined;
  const { part, source } = piece.token;
  const [, least, most = least] = /^\\d\{(\d)(?:,(\d))?\}$/.exec(source) ?? [];
  return least !== undefined && isDigitPart(part)
    ? [{ part, least: Number(least), most: Number(most) }]
    : undefined;
}

const isDigitPart = (part: Part): part is DigitPart => (digitParts as readonly Part[]).includes(part);
