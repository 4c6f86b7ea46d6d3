import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { createPageRemover } from '../../adapters/dynamodb/statistics-table.ts';
import { parseDay } from '../../core/time/calendar.ts';
import { nameStamp } from '../../handlers/operations/redrive.ts';
import type { Difference, Repair } from '../shared/differences.ts';
import { awaitRun, type EndedRun, startIngest } from '../shared/ingest-run.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';

type Removal = Extract<Repair, { kind: 'remove-object' | 'remove-statistics' }>;
type Replay = Exclude<Repair, Removal>;

/** What is done about differences: first all that has to go, then replays of what is missing. Each step once. */
export interface RepairPlan {
  readonly removals: readonly Removal[];
  readonly replays: readonly Replay[];
  /** Differences that only a person can decide about. */
  readonly undecided: readonly Difference[];
}

export function planRepairs(differences: readonly Difference[]): RepairPlan {
  const steps = new Map<string, Repair>();
  for (const { repairs = [] } of differences)
    for (const repair of repairs) steps.set(JSON.stringify(repair), repair);
  const all = [...steps.values()];
  const isRemoval = (repair: Repair): repair is Removal =>
    repair.kind === 'remove-object' || repair.kind === 'remove-statistics';
  return {
    removals: all.filter(isRemoval),
    replays: joined(all.filter((repair): repair is Replay => !isRemoval(repair))),
    undecided: differences.filter(({ repairs }) => repairs === undefined),
  };
}

/** Replays with one in place of several whose days overlap or follow one another. */
function joined(replays: readonly Replay[]): Replay[] {
  const kinds = Map.groupBy(replays, (replay) =>
    replay.kind === 'replay-readings' ? `readings of ${replay.dataset}` : replay.kind,
  );
  return [...kinds.values()].flatMap((of) => {
    const found: Replay[] = [];
    for (const replay of of.sort((a, b) => (a.from < b.from ? -1 : 1))) {
      const last = found.at(-1);
      if (last === undefined || (parseDay(replay.from) ?? 0) > (parseDay(last.to) ?? 0) + 1)
        found.push(replay);
      else if (replay.to > last.to) found.splice(-1, 1, { ...last, to: replay.to });
    }
    return found;
  });
}

/** Removes, then replays, one after the other. What fails ends it: the rest is proposed again by the next comparison. */
export async function applyRepairs(
  found: OpenInstallation,
  { removals, replays }: RepairPlan,
  tell: (run: EndedRun) => void,
): Promise<boolean> {
  const statistics = createPageRemover(found.documents, found.installation.statisticsTable);
  for (const removal of removals) {
    if (removal.kind === 'remove-statistics') await statistics.remove(removal.page.of, removal.page.n);
    else await found.s3.send(new DeleteObjectCommand({ Bucket: removal.bucket, Key: removal.key }));
  }
  const stamp = nameStamp(new Date());
  for (const [index, replay] of replays.entries()) {
    const { from, to } = replay;
    const of = replay.kind === 'replay-readings' ? { by: 'readings', dataset: replay.dataset } : {};
    const executionArn = await startIngest(found, {
      name: `replay-${stamp}-fix-${index + 1}`, // `status` knows replays by their names
      input: JSON.stringify({ replay: { from, to, ...of } }),
    });
    const run = await awaitRun(found, executionArn);
    tell(run);
    if (run.status !== 'SUCCEEDED') return false;
  }
  return true;
}
