import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { root } from '../../test/support/cloud-world.ts';
import { type Exercised, exercise, startExercised } from '../../test/support/iam/exercise.ts';
import { type Grant, grantsOf, nameOf, without } from '../../test/support/iam/grants.ts';
import { isQuiet, type KeptGrant, keptBy, keptGrants } from '../../test/support/iam/kept-grants.ts';
import { reducedAssembly } from '../../test/support/iam/reduced.ts';
import { everyOptionOn } from '../../test/support/infra/option-sets.ts';
import { permissionsByService } from '../engine/running-services.ts';
import { type Access, type Decision, evaluate } from './evaluate.ts';
import { loadPolicies, type TemplatePolicies } from './load-policies.ts';

/** With every option on: each adds grants, and none takes one away. */
const everyGrant = (): Promise<string> => synthesize(root, undefined, { options: everyOptionOn });

const accesses = new Map<string, Access>();
const denials: string[] = [];
let exercised: Exercised;
let policies: TemplatePolicies;

function observe(access: Access, decision: Decision): void {
  accesses.set(JSON.stringify(access), access);
  if (decision.kind === 'denied') denials.push(`${decision.because}: ${JSON.stringify(access)}`);
}

beforeAll(async () => {
  exercised = await startExercised({ assembly: await everyGrant(), observeAccess: observe });
  policies = loadPolicies(exercised.world.cloud.resources, permissionsByService);
  await exercise(exercised);
}, 900_000); // a busy machine takes six minutes
afterAll(() => exercised?.world.close());

/** What the exercise needs a grant for: the first of its accesses that is denied without it. */
function deniedWithout(grant: Grant): Access | undefined {
  const rest = without(policies, grant);
  return [...accesses.values()].find((access) => evaluate(access, rest).kind === 'denied');
}

it('is denied nothing', () => expect(denials).toEqual([]));

it('needs every grant', () => {
  const unneeded = grantsOf(policies).filter((grant) => deniedWithout(grant) === undefined);
  const unexplained = unneeded.filter((grant) => keptBy(grant).length === 0).map(nameOf);
  expect(unexplained).toEqual([]);
  const isExplained = (kept: KeptGrant): boolean => unneeded.some((grant) => keptBy(grant).includes(kept));
  expect(keptGrants.filter((kept) => !isExplained(kept) && !kept.unlessSlow)).toEqual([]);
});

it('finds a grant that nothing needs, and misses one that is gone', () => {
  const [first] = grantsOf(policies);
  const planted = { ...(first as Grant).statement, actions: ['s3:DeleteBucket'] };
  expect(deniedWithout({ statement: planted, action: 's3:DeleteBucket' })).toBeUndefined();
  const needed = grantsOf(policies).find((grant) => nameOf(grant).includes('firehose:PutRecordBatch'));
  expect(deniedWithout(needed as Grant)).toMatchObject({ action: 'firehose:PutRecordBatch' });
});

/**
 * The computation is held to reality: without the grant, in a cloud of its own, the exercise is denied what was computed,
 * and does not come through. CAUDAL_REMOVALS takes another number, CAUDAL_SEED another sample.
 */
it('fails without a grant as it was computed', async () => {
  const seed = process.env.CAUDAL_SEED ?? '1';
  const sample = grantsOf(policies)
    .filter((grant) => grant.action === undefined || grant.resource === undefined)
    .filter((grant) => deniedWithout(grant) !== undefined)
    .map((grant) => ({
      grant,
      at: createHash('sha256')
        .update(seed + nameOf(grant))
        .digest('hex'),
    }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, Number(process.env.CAUDAL_REMOVALS ?? 3));
  for (const { grant } of sample) {
    const computed = deniedWithout(grant);
    const { denied, ending } = await exerciseWithout(grant);
    expect(denied, nameOf(grant)).toContainEqual(
      expect.objectContaining({ action: computed?.action, caller: computed?.caller }),
    );
    if (!isQuiet(grant)) expect(ending, nameOf(grant)).not.toBe('succeeded');
  }
}, 1_200_000);

/** Time after a denial in which what it breaks is seen to fail, or to stand still. */
const graceMs = 8_000;

async function exerciseWithout(grant: Grant): Promise<{ denied: Access[]; ending: string }> {
  const { assembly, remove } = reducedAssembly(await everyGrant(), grant);
  const denied: Access[] = [];
  const first = Promise.withResolvers<void>();
  const observeAccess = (access: Access, decision: Decision): void => {
    if (decision.kind === 'allowed') return;
    denied.push(access);
    first.resolve();
  };
  let started: Exercised | undefined;
  try {
    started = await startExercised({ assembly, observeAccess });
    const running = exercise(started).then(
      () => 'succeeded',
      (error: Error) => `failed: ${error.message}`,
    );
    const still = first.promise.then(() => pause(graceMs)).then(() => 'stands still');
    return { denied, ending: await Promise.race([running, still]) };
  } catch (error) {
    return { denied, ending: `did not start: ${(error as Error).message}` };
  } finally {
    await started?.world.close();
    remove();
  }
}
