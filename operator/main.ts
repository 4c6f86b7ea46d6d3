import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { runCommandLine } from '../cli/command-line.ts';

// The verbs, imported below, stand on SDK clients of a thousand modules: compiled once, a verb starts in half the time.
enableCompileCache(join(import.meta.dirname, '..', '.caudal', 'compile-cache'));

process.exitCode = await runCommandLine(
  {
    command: 'npm run caudal --',
    about: ['Talks to the local cloud when it is up, or to AWS by the usual credentials and region.'],
    notes: [
      'npm run caudal -- <verb> --help shows its options and an example. Every verb takes --json.\nExit codes: 0 done and all is well; 1 something is wrong, or it could not be done; 2 the call was not understood.',
    ],
    verbs: {
      accept: async () => (await import('./accept/accept.ts')).accept,
      cost: async () => (await import('./cost/cost.ts')).cost,
      'dead-letters': async () => (await import('./dead-letters/dead-letters.ts')).deadLetters,
      devices: async () => (await import('./devices/devices.ts')).devices,
      doctor: async () => (await import('./doctor/doctor.ts')).doctor,
      executions: async () => (await import('./executions/executions.ts')).executions,
      explain: async () => (await import('./explain/explain.ts')).explain,
      export: async () => (await import('./export/export.ts')).exportVerb,
      inspect: async () => (await import('./inspect/inspect.ts')).inspect,
      logs: async () => (await import('./logs/logs.ts')).logs,
      migrate: async () => (await import('./migrate/migrate.ts')).migrate,
      preview: async () => (await import('./preview/preview.ts')).preview,
      reconcile: async () => (await import('./reconcile/reconcile-verb.ts')).reconcileVerb,
      redrive: async () => (await import('./redrive/redrive.ts')).redrive,
      rejects: async () => (await import('./rejects/rejects.ts')).rejects,
      replay: async () => (await import('./replay/replay.ts')).replay,
      report: async () => (await import('./report/report.ts')).report,
      reservations: async () => (await import('./reservations/reservations.ts')).reservations,
      sql: async () => (await import('./sql/sql.ts')).sql,
      status: async () => (await import('./status/status.ts')).status,
      token: async () => (await import('./token/token.ts')).token,
      upload: async () => (await import('./upload/upload.ts')).upload,
      users: async () => (await import('./users/users.ts')).users,
      verify: async () => (await import('./verify/verify.ts')).verify,
      withdraw: async () => (await import('./withdraw/withdraw.ts')).withdraw,
    },
  },
  process.argv.slice(2),
);
