import { startJobWorld } from './job-world.ts';

/**
 * Runs a local cloud for jobs in a process of its own, so that it can be killed: `node job-cloud-process.ts DIRECTORY`.
 * Prints one line of JSON, the API's address and a token, once it is up.
 */
const [directory = ''] = process.argv.slice(2);
const { cloud, token } = await startJobWorld({ directory });
console.log(JSON.stringify({ apiUrl: cloud.apiUrl, token }));
