import type { Text } from '../en.ts';

/** El mapa de estaciones, en español. */
export const map: Text['map'] = {
  title: (placed, all) => `${placed} de ${all} sensores tienen lugar`,
  by: 'Color según',
  bySilence: 'quién calla',
  how: 'Las flechas van de estación en estación, Intro abre una, + y − acercan y alejan, Escape muestra todo. Arrastre para desplazar.',
  sends: 'envía',
  silent: 'callado',
  silentFor: (days) => `callado ${days} días o más`,
  notKnown: 'no se sabe',
  source: 'Tierra de Natural Earth, 1:110.000.000; la lista tiene lo mismo como tabla.',
};
