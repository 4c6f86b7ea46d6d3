import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './start.ts';

/** The app with some values of its configuration changed, as `cdk synth -c` makes it. Resolves to `outputDirectory`. */
export async function synthesizeWith(
  chosen: Readonly<Record<`caudal:${string}`, number | string>>,
  outputDirectory: string,
): Promise<string> {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const variables = {
    CDK_OUTDIR: outputDirectory,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...chosen }),
  };
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`infra/app.ts ended with code ${code}`);
  return outputDirectory;
}
