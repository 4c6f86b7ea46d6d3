import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { connection } from '../../cli/connection.ts';
import { ApiRefusal, type JobClientOptions } from './job-client.ts';

const operator = fileURLToPath(new URL('../../operator/main.ts', import.meta.url));

/** The operator keeps a token until it expires, an hour; asking it once in a while is enough. */
const askAgainMs = 5 * 60_000;

/**
 * Where the API is and how to get tokens for it: as given, else the stack's output and what `npm run caudal -- token`
 * prints, which is another program because the client's secret is its business alone.
 */
export async function jobAccess(given: {
  readonly api: string | undefined;
  readonly token: string | undefined;
}): Promise<JobClientOptions> {
  const apiUrl = (given.api ?? (await deployedApi())).replace(/\/$/, '');
  if (given.token !== undefined) {
    const { token } = given;
    return { apiUrl, token: async () => token };
  }
  let known = { token: '', askedMs: Number.NEGATIVE_INFINITY };
  return {
    apiUrl,
    async token() {
      if (performance.now() - known.askedMs > askAgainMs) {
        known = { token: await operatorToken(), askedMs: performance.now() };
      }
      return known.token;
    },
  };
}

async function deployedApi(): Promise<string> {
  const { settings, note } = connection();
  if (note !== undefined) console.error(note);
  const { Stacks: [stack] = [] } = await new CloudFormationClient(settings).send(
    new DescribeStacksCommand({ StackName: 'CaudalApi' }),
  );
  const url = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
  if (url === undefined)
    throw new ApiRefusal('the stack CaudalApi has no output ApiUrl; deploy it, or name --api');
  return url;
}

async function operatorToken(): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [operator, 'token'])).stdout.trim();
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new ApiRefusal(`no token: ${stderr?.trim() || message}`);
  }
}
