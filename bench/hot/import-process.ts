import { pathToFileURL } from 'node:url';

/** Imports a bundle in a fresh process, as a cold start does, and tells how long that took. */
const start = performance.now();
await import(pathToFileURL(`${process.argv[2]}/index.mjs`).href);
process.send?.(performance.now() - start);
process.exit();
