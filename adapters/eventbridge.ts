import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { StoreUnavailable } from '../ports/faults.ts';
import type { IngestEvents } from '../ports/records.ts';
import { reaching } from './store-faults.ts';

/** Puts events of source `caudal` on one bus. The role needs `events:PutEvents`. */
export function createIngestEvents(client: EventBridgeClient, busName: string): IngestEvents {
  return {
    async completed(detail) {
      const entry = {
        EventBusName: busName,
        Source: 'caudal',
        DetailType: 'IngestCompleted',
        Detail: JSON.stringify(detail),
      };
      const { Entries = [] } = await reaching(client.send(new PutEventsCommand({ Entries: [entry] })));
      // A request succeeds although the bus did not take its entry.
      const [refused] = Entries.filter(({ ErrorCode }) => ErrorCode !== undefined);
      if (refused !== undefined)
        throw new StoreUnavailable(`${busName}: ${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`);
    },
  };
}
