import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { CloudWorld } from '../cloud-world.ts';
import { clientSettings, output } from '../job-world.ts';

const header = 'booking_id,booking_date,status,user_id,salon_id,employee_id,payment_id';
const event = { dataset: 'salon-bookings', time: '2024-02-04T06:00:00Z' };

/** The report of a month by its schedule, and the same event again; the links of its message; and an event that is given up. */
export async function exerciseReports(world: CloudWorld): Promise<void> {
  const { cloud } = world;
  const { eventbridge, sns, sqs } = cloud.services;
  await world.upload('landing/salon-bookings/one.csv', `${header}\n1,2024-01-20T10:00:00Z,created,3,7,2,\n`);
  const month = '/datasets/salon-bookings/statistics?period=month&from=2024-01&to=2024-01';
  await eventually(async () => JSON.stringify(await world.get(month)).includes('"count":1'));
  const reports = (name: string): string => output(cloud, 'CaudalReports', name);
  eventbridge.fire(reports('ReportRule'), Date.parse(event.time));
  await eventually(async () => sns.published(reports('ReportTopic')).length > 0);
  const functions = new LambdaClient(clientSettings(cloud.endpointUrl));
  const call = (payload: object, InvocationType: 'Event' | 'RequestResponse') =>
    functions.send(
      new InvokeCommand({
        ...{ FunctionName: reports('ReportFunction'), InvocationType },
        Payload: JSON.stringify(payload),
      }),
    );
  // What the first call has not written down yet, it does within seconds.
  await eventually(async () => {
    const { Payload = [] } = await call(event, 'RequestResponse');
    return Buffer.from(Payload).toString().includes('"pages":1,"written":0,"sent":false');
  });
  const [message] = sns.published(reports('ReportTopic'));
  const page = await textOf(/^http\S+$/m.exec(message?.message ?? '')?.[0] ?? '');
  await textOf(/href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '');
  await call({ ...event, dataset: 'none' }, 'Event');
  await eventually(async () => sqs.counts(reports('ReportDeadLetterQueue')).visible > 0);
}

async function textOf(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The link answered ${answer.status}: ${await answer.text()}`);
  return answer.text();
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 240_000;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`It did not come about: ${holds}`);
    await pause(250);
  }
}
