/** A word of a suggested command as a POSIX shell takes it: quoted unless nothing in it means anything to a shell. */
export function shellWord(word: string): string {
  if (shownOtherwise.test(word)) return escapedWord(word);
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** An option and its value in a suggested command, which the verbs take for a value also where it begins as an option does. */
export const optionWords = (option: string, value: string): string =>
  value.startsWith('-') ? `${option}=${shellWord(value)}` : `${option} ${shellWord(value)}`;

/** A file in a suggested command: one whose name begins as an option does is named from its folder. */
export const fileWord = (path: string): string => shellWord(path.startsWith('-') ? `./${path}` : path);

/** What is never printed as it is: controls, and the marks of bidirectional text. */
const shownOtherwise = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** In dollar quotes, which POSIX has had since 2024, and bash, zsh and ksh for long: so a name comes back that can't be printed. */
function escapedWord(word: string): string {
  const characters = Array.from(word, (character) => {
    if (character === '\\' || character === "'") return `\\${character}`;
    if (!shownOtherwise.test(character)) return character;
    return Array.from(
      new TextEncoder().encode(character),
      (byte) => `\\${byte.toString(8).padStart(3, '0')}`,
    ).join('');
  });
  return `$'${characters.join('')}'`;
}
