import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * The least that answers PutRecordBatch, in a process of its own: it counts the records of a request and acknowledges
 * all of them, so that what is measured is the client. Prints its URL, and ends when its standard input does.
 */
const marker = Buffer.from('"Data":"');
const server = createServer(async (request, response) => {
  const body = await buffer(request);
  let records = 0;
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at + marker.length)) records += 1;
  const answers = Array.from({ length: records }, (_, index) => ({ RecordId: `r${index}` }));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ FailedPutCount: 0, RequestResponses: answers }));
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.stdin.resume().on('end', () => process.exit(0));
