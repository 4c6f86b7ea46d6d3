import { counted } from '../counted.ts';
import type { Text } from '../en.ts';

/** Por qué falta algo y el mapa de estaciones, en español. */
export const gap: Text['gap'] = {
  keys: 'Las flechas van de un día a otro; Intro dice por qué faltan lecturas.',
  toCome: 'por venir',
  notDue: 'ninguna, y no consta que se espere',
  why: (sensor, day) => `${sensor}, ${day}`,
  close: 'Cerrar',
  has: (readings) => `Hay ${counted(readings, 'lectura', 'lecturas')}.`,
  hasOf: (readings, expected) =>
    `Hay ${readings} de ${counted(expected, 'lectura esperada', 'lecturas esperadas')}.`,
  soFar: (readings, expected) => `Hay ${readings} de las ${expected} que se esperaban hasta ahora.`,
  notExpected: 'Este conjunto no dice cada cuánto espera lecturas, así que no se sabe qué falta.',
  seldom: 'Aquí no toca una lectura cada día: un día sin ella no es un hueco.',
  nothingMissing: 'No falta nada.',
  missing: 'Faltan',
  reason: 'Por qué',
  howMany: 'Lecturas',
  whatToDo: 'Qué significa',
  reasons: {
    neverSent: 'nunca enviadas',
    rejected: 'rechazadas',
    withdrawn: 'retiradas',
  },
  means: {
    neverSent: 'No ha llegado ninguna línea con el sensor y una hora de este día.',
    atMost: 'Como mucho: lo que espera, se rechazó o no se ha mirado puede tener algunas.',
    rejected: 'Llegaron líneas que no se pudieron tomar.',
    withdrawn: 'Se tomaron y alguien las ha retirado después.',
  },
  lines: (lines) => `Líneas rechazadas: ${lines}`,
  mended: (times) => `De ${times} de sus horas hay una lectura de todos modos.`,
  withoutValue: 'Lecturas sin un valor',
  dropped: 'Valores omitidos en los archivos de este día',
  late: (objects, first, last) =>
    first === last
      ? `Tarde: un archivo con lecturas de estas horas llegó después del día, el ${first}.`
      : `Tarde: ${objects} archivos con lecturas de estas horas llegaron después del día, del ${first} al ${last}.`,
  refused: 'Archivos de los que no se tomó nada y que pueden tener algunas',
  waiting: (objects) =>
    `${counted(objects, 'archivo ha llegado después y aún no se ha leído', 'archivos han llegado después y aún no se han leído')}.`,
  looked: (objects) =>
    `Según lo llegado desde que empezó el día: ${counted(objects, 'archivo', 'archivos')}.`,
  notAll: 'Hay más de lo que mira una respuesta: npm run caudal -- explain sigue una sola lectura.',
};
