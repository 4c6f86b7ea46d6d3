import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

/** What the assembly follows from. A change in any of their files means a new synthesis. */
const sources = [
  'adapters',
  'console',
  'core',
  'datasets',
  'formats',
  'handlers',
  'infra',
  'ports',
  'state-machines',
  'streams',
  'cdk.json',
  'package-lock.json',
];

/** The app could not be synthesized; the message carries what it printed. */
class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

/** Assemblies not used for so long are removed. A cloud that is up reads functions from its own as they are first called. */
const keptForMs = 7 * 24 * 3_600_000;

interface SynthesisOptions {
  stage?: string | undefined;
  options?: Readonly<Record<string, unknown>>;
  making?: () => void;
}

/**
 * The cloud assembly of the sources as they are: the same program with the same context as `cdk synth`. Each is kept under
 * the digest of its sources and never changed, so that `npm start` and any number of tests can share it.
 * @param build where it is kept, with all that is made on the way
 * @param stage named to the app; undefined for what cdk.json says
 * @param options by context key, instead of what cdk.json says
 * @param making told when there is none yet, before it is made: some seconds, on a busy machine minutes
 * @returns its directory
 * @throws {SynthesisFailed} with the app's own output
 */
export async function synthesize(
  root: string,
  build = join(root, '.caudal'),
  { stage, options = {}, making = () => {} }: SynthesisOptions = {},
): Promise<string> {
  const assemblies = join(build, 'assemblies');
  const assembly = join(assemblies, digestOf(root, { stage, options }).slice(0, 16));
  if (!existsSync(assembly)) {
    making();
    const draft = `${assembly}.${process.pid}.draft`;
    const context = { ...contextOf(root), ...options };
    const chosen = stage === undefined ? context : { ...context, 'caudal:stage': stage };
    mkdirSync(assemblies, { recursive: true });
    await run(root, { CDK_OUTDIR: draft, CDK_CONTEXT_JSON: JSON.stringify(chosen), CAUDAL_BUILD: build });
    // Another process may have made the same one meanwhile; either is as good.
    if (existsSync(assembly)) rmSync(draft, { recursive: true, force: true });
    else renameSync(draft, assembly);
  }
  utimesSync(assembly, new Date(), new Date());
  removeUnused(assemblies);
  return assembly;
}

/** What the app is told by the file that the CDK reads. */
const contextOf = (root: string): Readonly<Record<string, unknown>> =>
  (JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> }).context;

/** The stage that cdk.json names; undefined for none. */
export const configuredStage = (root: string): string | undefined =>
  String(contextOf(root)['caudal:stage'] ?? '') || undefined;

function removeUnused(assemblies: string): void {
  for (const name of readdirSync(assemblies)) {
    const path = join(assemblies, name);
    if (Date.now() - statSync(path).mtimeMs > keptForMs) rmSync(path, { recursive: true, force: true });
  }
}

function digestOf(root: string, { stage, options }: SynthesisOptions): string {
  const hash = createHash('sha256').update(`stage ${stage ?? ''} ${JSON.stringify(options)}\n`);
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
