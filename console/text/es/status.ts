import type { Text } from '../en.ts';

/** Qué va mal en la instalación, en español. */
export const status: Text['status'] = {
  title: 'Estado',
  well: (lines) => `Todo va bien: se miraron ${lines} cosas.`,
  states: { fault: 'hace falta alguien', attention: 'por mirar', unknown: 'no se sabe', ok: 'bien' },
  more: (more) => `y ${more} más`,
  look: 'Mirar',
  run: 'Para ejecutar:',
  see: 'Véase',
  lines: {
    delivery: ({ status: state }) => `El flujo de entrega está ${state}: no toma lecturas.`,
    undeliverable: ({ objects }) => `${objects} objetos de registros no se pudieron entregar.`,
    queue: ({ waiting }) => `${waiting} objetos esperan más de lo debido.`,
    pipe: ({ state = 'ausente' }) => `El conducto que inicia las ingestas está ${state}.`,
    'dead-letters': ({ ingest, jobs, events }) =>
      `Se abandonaron mensajes: ${ingest} sobre objetos, ${jobs} sobre trabajos, ${events} eventos.`,
    executions: ({ open }) => `${open} ejecuciones fallaron y nada lo ha arreglado.`,
    objects: ({ objects }) => `${objects} objetos no se validaron.`,
    gone: ({ objects }) => `${objects} objetos se borraron antes de ingerirse; nada de ellos cuenta.`,
    refused: ({ files }) => `${files} archivos del último día de los que no se toma nada.`,
    alerts: ({ pending }) => `${pending} alertas llevan demasiado sin enviarse.`,
    jobs: ({ failed }) => `${failed} trabajos de «toons» fallaron en el último día.`,
    rejected: ({ rejectedLastDay, linesLastDay }) =>
      `Se rechazaron ${rejectedLastDay} de ${linesLastDay} líneas del último día.`,
    dropped: ({ values }) => `Se descartaron ${values} valores del último día.`,
    contested: ({ readings, series }) => `${readings} lecturas de ${series} series están en conflicto.`,
    ahead: ({ far }) => `${far} series tienen lecturas adelantadas.`,
    relay: ({ pending, rule }) =>
      `${pending} decisiones no están aún en ningún registro; la regla del relevo está ${rule}.`,
    silent: ({ series }) => `${series} series callan.`,
    projections: ({ projections }) =>
      `${projections} proyecciones no responden: sus eventos no se plegaron con la versión declarada.`,
  },
};
