import { counted } from '../counted.ts';
import type { Text } from '../en.ts';

/** El mapa de estaciones, en español. */
export const map: Text['map'] = {
  title: (placed, all) => `Con lugar: ${placed} de ${counted(all, 'sensor', 'sensores')}`,
  by: 'Color según',
  bySilence: 'quién calla',
  how: 'Las flechas van de estación en estación, Intro abre una, + y − acercan y alejan, Escape muestra todo. Arrastre para desplazar.',
  sends: 'envía',
  silent: 'callado',
  silentFor: (days) => `callado ${counted(days, 'día', 'días')} o más`,
  notKnown: 'no se sabe',
  source: 'Tierra de Natural Earth, 1:110.000.000; la lista tiene lo mismo como tabla.',
};
