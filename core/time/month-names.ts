/**
 * Month names as loggers and spreadsheets write them: English, Spanish, German, French, Portuguese, Italian, Dutch, and those of Scandinavia, whole or abbreviated, without
 * accents and points. No name means two months, so that a format need not say its language.
 */
const names: readonly string[] = [
  'jan january ene enero januar janner janv janvier janeiro gen gennaio januari',
  'feb february febrero februar feber fev fevr fevrier fevereiro febbraio februari',
  'mar march marzo marz mrz mars marco mrt maart marts',
  'apr april abr abril avr avril aprile',
  'may mayo mai maio mag maggio mei maj',
  'jun june junio juni juin junho giu giugno',
  'jul july julio juli juil juillet julho lug luglio',
  'aug august ago agosto aout augustus augusti',
  'sep sept september septiembre setiembre septembre set setembro settembre',
  'oct october octubre okt oktober octobre out outubro ott ottobre',
  'nov november noviembre novembre novembro',
  'dec december dic diciembre dez dezember decembre dezembro dicembre des desember',
];

const numbers = new Map(names.flatMap((line, at) => line.split(' ').map((name) => [name, at + 1] as const)));

/** The month, 1 to 12, that a name means, in any case, with or without accents and a point; `undefined` for any other text. */
export function monthNamed(text: string): number | undefined {
  const plain = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f.]/g, '')
    .toLowerCase();
  return numbers.get(plain);
}
