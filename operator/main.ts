import { UsageError } from '../cli/usage-error.ts';
import type { Verb } from './shared/verb.ts';

type AnyVerb = Omit<Verb, 'name'>;

/** Sorted. A verb is loaded when it is called, because the SDK's clients take their time. */
const verbs: Readonly<Record<string, () => Promise<AnyVerb>>> = {
  'dead-letters': async () => (await import('./dead-letters/dead-letters.ts')).deadLetters,
  doctor: async () => (await import('./doctor/doctor.ts')).doctor,
  executions: async () => (await import('./executions/executions.ts')).executions,
  explain: async () => (await import('./explain/explain.ts')).explain,
  reconcile: async () => (await import('./reconcile/reconcile-verb.ts')).reconcileVerb,
  redrive: async () => (await import('./redrive/redrive.ts')).redrive,
  rejects: async () => (await import('./rejects/rejects.ts')).rejects,
  replay: async () => (await import('./replay/replay.ts')).replay,
  status: async () => (await import('./status/status.ts')).status,
  token: async () => (await import('./token/token.ts')).token,
  verify: async () => (await import('./verify/verify.ts')).verify,
};

async function usage(): Promise<string> {
  const loaded = await Promise.all(
    Object.entries(verbs).map(async ([name, load]) => ({ ...(await load()), name })),
  );
  return [
    'Usage: npm run caudal -- <verb> [options]',
    '',
    'Talks to the local cloud when it is up, or to AWS by the usual credentials and region.',
    '',
    ...loaded.map((verb) => `  ${verb.name.padEnd(12)}  ${verb.summary}`),
    '',
    'npm run caudal -- <verb> --help shows its options and an example. Every verb takes --json.',
    'Exit codes: 0 done and all is well; 1 something is wrong, or it could not be done; 2 the call was not understood.',
  ].join('\n');
}

/** Runs one verb. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(await usage());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (load === undefined) {
    console.error(`There is no verb "${name}".\n\n${await usage()}`);
    return 2;
  }
  const verb = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(verb.help);
    return 0;
  }
  try {
    return await verb.run(rest);
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`${(error as Error).message}\n\n${verb.help}`);
      return 2;
    }
    console.error(explainFault(error));
    return 1;
  }
}

/** What went wrong, in one line that names the thing, and the way out where it is known. */
function explainFault(error: unknown): string {
  const fault = error as { name?: string; message?: string; code?: string };
  if (fault.code === 'ECONNREFUSED' || /ECONNREFUSED/.test(fault.message ?? '')) {
    return `Nothing answers at ${process.env.AWS_ENDPOINT_URL ?? 'the endpoint'}. Is the local cloud up? Start it with: npm start`;
  }
  if (fault.name === 'CredentialsProviderError') {
    return 'No AWS credentials were found, and no local cloud is up. Start one with `npm start`, or set AWS_PROFILE and AWS_REGION.';
  }
  return `${fault.name ?? 'Error'}: ${fault.message ?? String(error)}`;
}

// A reader that has seen enough, like `| head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
