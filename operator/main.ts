import { executions } from './executions.ts';
import { token } from './token.ts';
import { UsageError, type Verb } from './verb.ts';
import { verify } from './verify.ts';

const verbs: readonly Verb[] = [executions, token, verify];

const usage = (): string =>
  [
    'Usage: npm run caudal -- <verb> [options]',
    '',
    'Talks to the local cloud when it is up, or to AWS by the usual credentials and region.',
    '',
    ...verbs.map((verb) => `  ${verb.name.padEnd(12)} ${verb.summary}`),
    '',
    'npm run caudal -- <verb> --help shows its options and an example.',
  ].join('\n');

/** Runs one verb. @returns the exit code. */
async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb === undefined) {
    console.error(`There is no verb "${name}".\n\n${usage()}`);
    return 2;
  }
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
    console.error(explain(error));
    return 1;
  }
}

/** What went wrong, in one line that names the thing, and the way out where it is known. */
function explain(error: unknown): string {
  const fault = error as { name?: string; message?: string; code?: string };
  if (fault.code === 'ECONNREFUSED') {
    return `Nothing answers at ${process.env['AWS_ENDPOINT_URL'] ?? 'the endpoint'}. Is the local cloud up? Start it with: npm start`;
  }
  if (fault.name === 'CredentialsProviderError') {
    return 'No AWS credentials were found, and no local cloud is up. Start one with `npm start`, or set AWS_PROFILE and AWS_REGION.';
  }
  return `${fault.name ?? 'Error'}: ${fault.message ?? String(error)}`;
}

process.exitCode = await main(process.argv.slice(2));
