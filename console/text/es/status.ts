import { counted } from '../counted.ts';
import type { Text } from '../en.ts';

/** Qué va mal en la instalación, en español. */
export const status: Text['status'] = {
  title: 'Estado',
  well: (lines) => `Todo va bien: ${counted(lines, 'cosa mirada', 'cosas miradas')}.`,
  states: { fault: 'hace falta alguien', attention: 'por mirar', unknown: 'no se sabe', ok: 'bien' },
  more: (more) => `y ${more} más`,
  look: 'Mirar',
  run: 'Para ejecutar:',
  see: 'Véase',
  lines: {
    delivery: ({ status: state }) => `El flujo de entrega está ${state}: no toma lecturas.`,
    undeliverable: ({ objects }) =>
      `${counted(objects ?? 0, 'objeto de registros no se pudo', 'objetos de registros no se pudieron')} entregar.`,
    queue: ({ waiting }) => `${counted(waiting ?? 0, 'objeto espera', 'objetos esperan')} más de lo debido.`,
    pipe: ({ state = 'ausente' }) => `El conducto que inicia las ingestas está ${state}.`,
    'dead-letters': ({ ingest, jobs, events }) =>
      `Se abandonaron mensajes: sobre objetos ${ingest}, sobre trabajos ${jobs}, eventos ${events}.`,
    executions: ({ open }) =>
      `${counted(open ?? 0, 'ejecución falló', 'ejecuciones fallaron')} y nada lo ha arreglado.`,
    objects: ({ objects }) => `${counted(objects ?? 0, 'objeto no se validó', 'objetos no se validaron')}.`,
    gone: ({ objects }) =>
      `${counted(objects ?? 0, 'objeto se borró', 'objetos se borraron')} antes de ingerirse; nada de eso cuenta.`,
    refused: ({ files }) =>
      `${counted(files ?? 0, 'archivo', 'archivos')} del último día sin nada que se tome.`,
    alerts: ({ pending }) =>
      `${counted(pending ?? 0, 'alerta lleva', 'alertas llevan')} demasiado sin enviarse.`,
    jobs: ({ failed }) =>
      `${counted(failed ?? 0, 'trabajo de «toons» falló', 'trabajos de «toons» fallaron')} en el último día.`,
    rejected: ({ rejectedLastDay, linesLastDay }) =>
      `Rechazadas en el último día: ${rejectedLastDay} de ${counted(linesLastDay ?? 0, 'línea', 'líneas')}.`,
    dropped: ({ values }) => `Valores del último día que se descartaron: ${values}.`,
    contested: ({ readings, series }) =>
      `${counted(readings ?? 0, 'lectura está', 'lecturas están')} en conflicto, de ${counted(series ?? 0, 'serie', 'series')}.`,
    ahead: ({ far }) => `${counted(far ?? 0, 'serie tiene', 'series tienen')} lecturas adelantadas.`,
    relay: ({ pending, rule }) =>
      `${counted(pending ?? 0, 'decisión no está', 'decisiones no están')} aún en ningún registro; la regla del relevo está ${rule}.`,
    silent: ({ series }) => `${counted(series ?? 0, 'serie calla', 'series callan')}.`,
    projections: ({ projections }) =>
      `${counted(projections ?? 0, 'proyección no responde', 'proyecciones no responden')}: los eventos no se plegaron con la versión declarada.`,
  },
};
