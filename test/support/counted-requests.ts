import { expect } from 'vitest';
import type { Service } from '../../local/engine/calls.ts';
import type { LocalCloud } from '../../local/engine/cloud.ts';

/** What functions and state machines asked of a local cloud, as AWS bills it. */
export interface CountedRequests {
  /** By action, as `s3:GetObject`. */
  readonly calls: Record<string, number>;
  /** DynamoDB's, computed from the sizes of items. */
  writeUnits: number;
  readUnits: number;
}

type Units = Pick<CountedRequests, 'writeUnits' | 'readUnits'>;

export function expectUnitsWithinAFifth(modelled: Units, counted: Units): void {
  for (const kind of ['writeUnits', 'readUnits'] as const) {
    const ratio = modelled[kind] / counted[kind];
    expect(ratio, kind).toBeGreaterThan(0.8);
    expect(ratio, kind).toBeLessThan(1.2);
  }
}

interface ConsumedCapacity {
  readonly CapacityUnits: number;
}

const readers = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/**
 * Counts from now on. DynamoDB is asked with each call for the units that it takes; a read takes one, or half of one where it need
 * not be consistent, also where nothing is found.
 * @returns what was counted since the last call
 */
export function countRequests({ services }: LocalCloud): () => CountedRequests {
  let current = none();
  const { s3, dynamodb, lambda, eventbridge, sqs } = services;
  for (const service of [s3, dynamodb, lambda, eventbridge, sqs] satisfies Service[]) {
    const handle = service.handle.bind(service);
    service.handle = async (request) => {
      if (!request.accessKeyId?.startsWith('LKIA')) return handle(request); // an operator, or a test
      const action = `${service.name}:${service.actionOf?.(request) ?? request.action}`;
      current.calls[action] = (current.calls[action] ?? 0) + 1;
      if (service !== dynamodb) return handle(request);
      request.input.ReturnConsumedCapacity = 'TOTAL';
      const response = await handle(request);
      const { ConsumedCapacity = [] } = JSON.parse(String(response.body)) as {
        ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
      };
      const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      if (readers.has(request.action)) current.readUnits += Math.max(units, least(request.input));
      else current.writeUnits += Math.max(1, units);
      return response;
    };
  }
  return () => {
    const counted = current;
    current = none();
    return counted;
  };
}

/** Units of a read that finds nothing. */
const least = ({ ConsistentRead, RequestItems }: Record<string, unknown>): number =>
  ConsistentRead === true || RequestItems !== undefined ? 1 : 0.5;

const none = (): CountedRequests => ({ calls: {}, writeUnits: 0, readUnits: 0 });
