import type { Text } from './en.ts';

/** Español. */
export const es: Text = {
  again: 'Reintentar',
  loading: 'Cargando …',
  start: {
    noConfig: 'La consola no pudo leer su configuración.',
    notSignedIn: 'No se pudo iniciar la sesión.',
    signedOut: 'La sesión está cerrada.',
    signIn: 'Iniciar sesión',
  },
  shell: {
    skip: 'Saltar a la vista',
    views: 'Vistas',
    language: 'Idioma',
    colours: 'Colores',
    asSystem: 'Como el sistema',
    light: 'Claros',
    dark: 'Oscuros',
    signOut: 'Cerrar sesión',
    nothingHere: 'Aquí no hay nada',
    noView: (path) => `Ninguna vista tiene la dirección ${path}.`,
  },
  problem: {
    noAnswer: 'Sin respuesta',
    signedOut: 'La sesión ha terminado.',
  },
  exports: {
    curl: 'Como curl',
    saving: 'Guardando …',
    copy: 'Copiar',
    copied: 'Copiado',
  },
  table: {
    sort: (column) => `Ordenar por ${column}`,
  },
  dataset: 'Conjunto de datos',
  measure: 'Medida',
  rule: 'Regla',
  unit: 'Unidad',
  views: {
    now: 'Ahora',
    sensors: 'Sensores',
    series: 'Series',
    alerts: 'Alertas',
    datasets: 'Conjuntos de datos',
    jobs: 'Trabajos',
  },
  datasets: {
    about: 'Qué se mide, entre qué límites y cómo están escritos sus archivos.',
    timeZone: 'Zona horaria',
    expectedEvery: 'Se espera cada',
    notSaid: 'sin indicar: no se conoce la completitud',
    missing: 'Significa «nada»',
    none: 'Ninguno.',
    generation: 'Generación',
    shards: 'Fragmentos',
    measures: 'Medidas',
    lowest: 'Mínimo',
    highest: 'Máximo',
    without: 'Sin valor',
    valueDropped: 'se descarta el valor',
    readingRejected: 'se rechaza la lectura',
    attributes: 'Atributos',
    attribute: 'Atributo',
    characters: 'Caracteres como máximo',
    rules: 'Reglas de alerta',
    breach: 'Incumplimiento',
    limit: (rule, unit) =>
      [
        rule.above === undefined ? '' : `por encima de ${rule.above} ${unit}`,
        rule.below === undefined ? '' : `por debajo de ${rule.below} ${unit}`,
        rule.changesBy === undefined ? '' : `cambia más de ${rule.changesBy} ${unit}`,
        rule.within === undefined ? '' : `en ${rule.within}`,
      ]
        .filter(Boolean)
        .join(' '),
    all: 'todos',
    since: 'Se avisa desde',
    files: 'Archivos',
    filesAbout:
      'Lee un archivo el primer formato cuyo «match» acepta su nombre; siempre se leen CSV y JSON con los nombres propios de los campos.',
    schema: 'JSON Schema de una lectura',
    sqlAbout: 'Para npm run caudal -- sql y para el grupo de trabajo de Athena.',
    questions: {
      days: 'Los últimos 31 días',
      newest: 'Cuándo se supo de cada sensor por última vez',
      contested: 'Lecturas que se contradicen',
      gaps: 'Los silencios más largos',
    },
  },
};
