import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the assembly follows from. A change in any of their files means a new synthesis. */
const sources = [
  'adapters',
  'core',
  'datasets',
  'handlers',
  'infra',
  'state-machines',
  'cdk.json',
  'package-lock.json',
];

/** The app could not be synthesized; the message carries what it printed. */
export class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

/**
 * Synthesizes the CDK app into `outputDirectory`, as `cdk synth` would: the same program with the same context.
 * An assembly of unchanged sources is used again.
 * @returns whether it had to be made
 * @throws {SynthesisFailed} with the app's own output
 */
export async function synthesize(options: { root: string; outputDirectory: string }): Promise<boolean> {
  const { root, outputDirectory } = options;
  const stamp = join(outputDirectory, 'sources.sha256');
  const digest = digestOf(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return false;
  const { context = {} } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context?: object };
  await run(root, { CDK_OUTDIR: outputDirectory, CDK_CONTEXT_JSON: JSON.stringify(context) });
  writeFileSync(stamp, digest);
  return true;
}

function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path];
    for (const file of files) hash.update(file).update('\n').update(readFileSync(file)).update('\n');
  }
  return hash.digest('hex');
}

function run(root: string, variables: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    // The Node that runs this is the pinned one; the app must not meet another.
    const child = spawn(process.execPath, ['infra/app.ts'], {
      cwd: root,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new SynthesisFailed(`infra/app.ts ended with code ${code}:\n${printed.trim()}`)),
    );
  });
}
