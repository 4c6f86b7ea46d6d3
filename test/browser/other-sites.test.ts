import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startCloud } from '../../local/engine/cloud.ts';
import { anyPorts, inlineFunction, writeAssembly } from '../support/local/assembly.ts';
import { startBrowser } from './browser.ts';

/** Serves an empty page: what its scripts do is the test's. */
const site = createServer((_, response) =>
  response.setHeader('content-type', 'text/html').end('<p>Another site</p>'),
);
/** A name that leads to this machine, as a site's own name does once it is rebound. */
const rebound = 'rebound.example';
let cloud: LocalCloud;
let browser: Browser;
let sitePort = 0;
/** What passed the guard and reached a service. */
const calls: string[] = [];
let endpointPort = '';

beforeAll(async () => {
  cloud = await startCloud({
    ...writeAssembly({
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'kept' } },
      Function: inlineFunction("exports.handler = async () => console.log('INVOKED')", {
        FunctionName: 'told',
      }),
    }),
    ports: anyPorts,
    interceptors: [async ({ action }) => void calls.push(action)],
  });
  await cloud.services.s3.putObject({ bucket: 'kept', key: 'object', body: 'kept' });
  endpointPort = new URL(cloud.endpointUrl).port;
  sitePort = await new Promise<number>((resolve) => {
    site.listen(0, '127.0.0.1', () => resolve((site.address() as AddressInfo).port));
  });
  browser = await startBrowser([`--host-resolver-rules=MAP ${rebound} 127.0.0.1`]);
});
afterAll(async () => {
  await browser?.close();
  await cloud?.close();
  site.close();
});

/** All that a page can send without asking anybody; each is sent, and what comes of it is the server's to decide. */
async function attack({ base, local }: { base: string; local: string }): Promise<string[]> {
  // biome-ignore lint/suspicious/noExplicitAny: this runs in the page, whose types the project's other code must not have
  const { document, navigator, Image } = globalThis as any;
  // What routed a call by its words alone, and a complete signature that says nothing.
  const scope = (service: string) => `${local}/20260101/us-east-1/${service}/aws4_request`;
  const signed = (service: string) =>
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope(service))}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=${'0'.repeat(64)}`;
  const remove = '<Delete><Object><Key>object</Key></Object></Delete>';
  const invoke = `${base}/2015-03-31/functions/told/invocations?${signed('lambda')}`;
  const outcomes: string[] = [];
  const tried = (name: string, sent: Promise<Response>) =>
    sent.then(
      (answer) => outcomes.push(`${name} ${answer.type} ${answer.status}`),
      () => outcomes.push(`${name} refused`),
    );
  const headers = { 'content-type': 'text/plain' };
  for (const mode of ['no-cors', 'cors'] as const) {
    await tried(
      'delete many',
      fetch(`${base}/kept?delete&${signed('s3')}`, { method: 'POST', mode, headers, body: remove }),
    );
    await tried(
      'delete by scope',
      fetch(`${base}/kept?delete&X-Amz-Credential=${scope('s3')}`, {
        method: 'POST',
        mode,
        headers,
        body: remove,
      }),
    );
    await tried('invoke', fetch(invoke, { method: 'POST', mode, headers, body: '{}' }));
    await tried('read', fetch(`${base}/kept/object?${signed('s3')}`, { mode }));
  }
  await tried('delete one', fetch(`${base}/kept/object?${signed('s3')}`, { method: 'DELETE' }));
  await tried('overwrite', fetch(`${base}/kept/object?${signed('s3')}`, { method: 'PUT', body: 'x' }));
  await tried(
    'a header of its own',
    fetch(`${base}/kept/object`, {
      method: 'DELETE',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope('s3')}` },
    }),
  );
  navigator.sendBeacon(invoke, '{}');
  await new Promise((resolve) => {
    const image = new Image();
    image.onerror = resolve;
    image.onload = () => resolve(outcomes.push('an image is shown'));
    image.src = `${base}/kept/object?${signed('s3')}`;
  });
  for (const action of [invoke, `${base}/kept?delete&${signed('s3')}`]) {
    await new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'answer';
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, { action, method: 'POST', enctype: 'text/plain', target: 'answer' });
      form.innerHTML = `<input name='${remove.replaceAll("'", '')}' value="">`;
      document.body.append(form);
      frame.onload = resolve;
      form.submit();
      setTimeout(resolve, 3000); // a frame whose answer is no page may tell nothing
    });
  }
  return outcomes;
}

describe('a page of another site', () => {
  it.each([
    ['on another port', () => `http://127.0.0.1:${sitePort}/`, () => cloud.endpointUrl],
    ['by another name of this machine', () => `http://localhost:${sitePort}/`, () => cloud.endpointUrl],
    [
      'whose name leads here, to the endpoint',
      () => `http://${rebound}:${sitePort}/`,
      () => cloud.endpointUrl,
    ],
    [
      'whose name leads here, to its own name',
      () => `http://${rebound}:${sitePort}/`,
      () => `http://${rebound}:${endpointPort}`,
    ],
    // What a rebound page is: of the same origin as the port that it calls.
    [
      'on the port itself',
      () => `http://${rebound}:${endpointPort}/`,
      () => `http://${rebound}:${endpointPort}`,
    ],
  ])('%s changes nothing and invokes nothing', async (_, from, base) => {
    const page = await browser.newPage();
    await page.goto(from());
    const answers: number[] = [];
    page.on('response', (response) => answers.push(response.status()));
    const outcomes = await page.evaluate(attack, { base: base(), local: 'local' });
    expect(outcomes.filter((outcome) => / (2\d\d)$|shown/.test(outcome))).toEqual([]);
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter((status) => status !== 403 && status !== 421)).toEqual([]);
    await page.close();
    expect(cloud.services.s3.headObject({ bucket: 'kept', key: 'object' })?.size).toBe(4);
    expect(calls).toEqual([]);
  });
});
