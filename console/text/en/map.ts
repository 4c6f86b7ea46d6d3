import { counted } from '../counted.ts';

/** The map of stations, in English. */
export const map = {
  title: (placed: string, all: string) =>
    `${placed} of ${counted(all, 'sensor has', 'sensors have')} a place`,
  by: 'Colour by',
  bySilence: 'who is silent',
  how: 'Arrow keys go from station to station, Enter opens one, + and − zoom, Escape shows all. Drag to pan.',
  sends: 'sends',
  silent: 'silent',
  silentFor: (days: number) => `silent ${counted(days, 'day', 'days')} or more`,
  notKnown: 'not known',
  source: 'Land by Natural Earth, 1:110,000,000; the list has the same as a table.',
};
