import { counted } from '../counted.ts';
import type { Text } from '../en.ts';

/** Líneas rechazadas, archivos rehusados y retiradas, en español. */
export const rejects: Text['rejects'] = {
  about: 'Líneas y archivos que no se tomaron y por qué, y lecturas que se vuelven a sacar.',
  shows: { lines: 'Líneas rechazadas', refused: 'Archivos rehusados', withdraw: 'Retirar' },
  file: 'Archivo',
  reason: 'Motivo',
  lines: 'Líneas',
  line: 'Línea',
  detail: 'Qué se encontró y qué se acepta',
  text: 'Texto',
  arrived: 'Llegada (UTC)',
  found: (lines, files) => `Líneas rechazadas: ${lines}, archivos: ${files}`,
  first: (files) =>
    `${counted(files, 'archivo está', 'archivos están')} aquí, empezando por el más nuevo; el CSV los tiene todos.`,
  none: 'Aquí no se rechazó ninguna línea.',
  of: (key) => `Líneas rechazadas de ${key}`,
  all: 'Todos los archivos',
  linesOf: (lines) => `Líneas rechazadas: ${lines}`,
  mend: 'Corregir y enviar de nuevo',
  mendAbout:
    'Corrija las líneas o quítelas. Llegan como un archivo propio cuando todas son válidas; las rechazadas siguen en las cuentas.',
  content: 'Las líneas tal como eran',
  why: (line, of) => `Línea ${line} (${of} del archivo):`,
  download: 'Descargar',
  notText:
    'Estas líneas no son UTF-8: descárguelas, corríjalas en un editor que conozca su codificación y suba el archivo.',
  others: (lines) =>
    `${lines} más no son líneas que se puedan corregir: suba el archivo entero de nuevo como debe ser.`,
  moreToMend:
    'Hay más líneas de las que se corrigen a la vez: npm run caudal -- rejects --out las tiene todas.',
  restore: 'Volver a las líneas como estaban',
  submit: 'Comprobar y enviar',
  checking: 'Comprobando, y luego a la espera de la ingesta …',
  stillWrong: (lines, of) =>
    `Mal todavía: ${lines} de ${counted(of, 'línea', 'líneas')}; no se ha enviado nada.`,
  landed: (lines, key) => `Líneas tomadas: ${lines}, como ${key}.`,
  months: (first, last) => (first === last ? first : `de ${first} a ${last}`),
  withdrawFile: 'Retirar este archivo …',
  onlyOperators: 'Esto lo puede hacer un operador.',
  noneRefused: 'Ningún archivo está rehusado.',
  cause: 'Probablemente:',
  hasEarlier: 'Lo que dio una versión anterior del archivo sigue ahí y cuenta.',
  replace: 'Súbalo de nuevo como debe ser, con el mismo nombre.',
  replaceOr: 'Súbalo de nuevo como debe ser, con el mismo nombre; o bien:',
  accept: 'Aceptar tal cual …',
  acceptAbout: 'Se toman las líneas que se pueden leer; las demás se rechazan una a una.',
  acceptNow: 'Aceptar ahora',
  accepted: (valid, lines) =>
    `Aceptado: con el próximo lote se toman ${valid} de ${counted(lines, 'línea', 'líneas')}.`,
  withdrawAbout:
    'Las lecturas retiradas siguen en el conjunto y no cuentan en ninguna parte: meses, días y alertas se ajustan. No se borra nada, así que todo puede volver.',
  what: 'Qué',
  aSeries: 'días de una serie',
  aFile: 'un archivo',
  key: 'Clave del archivo',
  bringBack: 'Devolver',
  preview: 'Vista previa',
  effects: 'Qué cambiaría',
  changed: 'Qué cambia',
  withdraws: (readings) => `Retira ${counted(readings, 'lectura', 'lecturas')}.`,
  restores: (readings) => `Devuelve ${counted(readings, 'lectura', 'lecturas')}.`,
  unchanged: (readings) => `${counted(readings, 'lectura ya está', 'lecturas ya están')} así.`,
  held: (readings) =>
    `${counted(readings, 'lectura se queda: otros archivos también la tienen', 'lecturas se quedan: otros archivos también las tienen')}.`,
  notTaken: (readings, why) =>
    `${counted(readings, 'lectura se queda como está', 'lecturas se quedan como están')}: ${why}`,
  nothingChanges: 'No cambia nada.',
  moreMonths: (months) => `Se muestran los primeros meses de ${months}.`,
  withdrawDots: 'Retirar …',
  bringBackDots: 'Devolver …',
  sure: 'Solo cambia lo que se muestra aquí; si entretanto entró algo, no cambia nada.',
  withdrawNow: 'Retirar ahora',
  bringBackNow: 'Devolver ahora',
  ingesting: 'En proceso de ingesta …',
  isWithdrawn: 'Retiradas: los meses han cambiado.',
  isBack: 'Devueltas: los meses han cambiado.',
  undo: 'Deshacer: devolverlas',
  withdrawAgain: 'Retirarlas otra vez',
};
