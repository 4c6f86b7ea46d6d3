/** A word of a suggested command as a POSIX shell takes it: quoted unless nothing in it means anything to a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
