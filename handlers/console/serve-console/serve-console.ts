import type { AppClients } from '../../../ports/app-clients.ts';
import { type Problem, problemDocumentOf, problemKinds, problemMediaType } from '../../api/http/problem.ts';
import { type BuiltFile, type BuiltFiles, type Coding, madeFile } from './built-files.ts';
import { type Reachable, safeHeaders } from './headers.ts';

/** A request for a part of the console. */
export interface PageRequest {
  readonly method: string;
  /** Without the query: `/sensors`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** UUID under which the log has the request. */
  readonly requestId: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What `/config.json` says, but for the client's id, which is found when it is first asked for. */
interface ConsoleSettings {
  readonly version: string;
  readonly stage: string | null;
  readonly region: string;
  /** Where the API is without the console, as other programs call it; without a slash at its end. */
  readonly apiUrl: string;
  /** `iss` of the tokens. */
  readonly issuer: string;
  readonly scopes: readonly string[];
}

export interface ServeConsoleOptions {
  readonly files: BuiltFiles;
  readonly settings: ConsoleSettings;
  readonly reachable: Reachable;
  readonly clients: AppClients;
  /** Name of the console's own client. */
  readonly clientName: string;
  /** Told of why the configuration can't be given. */
  onFault(fault: unknown, request: PageRequest): void;
}

/**
 * Answers for the console: a file of the build by its name, `config.json`, and for every other path without an extension the page itself,
 * which has views at paths of their own. A name is looked up and never made into a path of a file system, so no request reaches
 * anything else. It never throws.
 */
export function createServeConsole(
  options: ServeConsoleOptions,
): (request: PageRequest) => Promise<PageAnswer> {
  const { files, reachable } = options;
  const always = safeHeaders(reachable);
  const configOf = keptConfig(options);

  const refuse = (problem: Problem, { requestId }: PageRequest): PageAnswer => ({
    status: problemKinds[problem.problem].status,
    headers: {
      ...always,
      ...problem.headers,
      'content-type': problemMediaType,
      'cache-control': 'no-store',
    },
    body: Buffer.from(JSON.stringify(problemDocumentOf(problem, requestId))),
  });

  async function fileOf(request: PageRequest): Promise<BuiltFile | Problem> {
    const { path } = request;
    const name = path.slice(1);
    if (name === 'config.json') return configOf(request);
    const file = files.get(name) ?? (isView(path) ? files.get('index.html') : undefined);
    return file ?? { problem: 'not-found', detail: `The console has no file of this name: ${path}` };
  }

  return async (request) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      const detail = `The console is read with GET or HEAD, not with ${method}`;
      return refuse({ problem: 'method-not-allowed', detail, headers: { allow: 'GET, HEAD' } }, request);
    }
    const found = await fileOf(request);
    // HEAD is answered as GET: who sends the answer on tells the length of the body, and keeps it.
    return 'problem' in found ? refuse(found, request) : answerWith(found, headers, always);
  };
}

/** Whether a path names a view: its last part has no extension. */
const isView = (path: string): boolean => !(path.split('/').at(-1) ?? '').includes('.');

function answerWith(
  file: BuiltFile,
  asked: PageRequest['headers'],
  always: Readonly<Record<string, string>>,
): PageAnswer {
  const { digest, immutable, contentType, bodies } = file;
  const coding = codingOf(asked['accept-encoding'] ?? '', bodies);
  // A tag is of the bytes that are sent; the digest is of what they are made from.
  const etag = coding === 'identity' ? `"${digest}"` : `"${digest}-${coding}"`;
  const headers = {
    ...always,
    etag,
    vary: 'Accept-Encoding',
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (matches(asked['if-none-match'], etag)) return { status: 304, headers, body: Buffer.alloc(0) };
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': contentType,
      ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
    },
    body: bodies[coding] ?? bodies.identity,
  };
}

/** The smallest encoding of those that there are and the client takes. */
function codingOf(accepted: string, bodies: BuiltFile['bodies']): Coding {
  const weights = new Map(
    accepted.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith('q='));
      return [name, weight === undefined ? 1 : Number(weight.slice(2))] as const;
    }),
  );
  const takes = (coding: Coding): boolean => (weights.get(coding) ?? weights.get('*') ?? 0) > 0;
  return (
    (['br', 'gzip'] as const).find((coding) => bodies[coding] !== undefined && takes(coding)) ?? 'identity'
  );
}

/** By RFC 9110, 13.1.2: `*`, or one of the tags, weak or not. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/**
 * `/config.json`. The client's id follows from the address that the pages are served at, and that from this function, so no variable
 * can have it: it is looked for by its name, and kept.
 */
function keptConfig(options: ServeConsoleOptions): (request: PageRequest) => Promise<BuiltFile | Problem> {
  const { clients, clientName, settings, reachable, onFault } = options;
  const { version, stage, region, apiUrl, issuer, scopes } = settings;
  let kept: BuiltFile | undefined;

  const unavailable = (detail: string): Problem => ({
    problem: 'unavailable',
    detail,
    headers: { 'retry-after': '5' },
  });

  return async (request) => {
    if (kept !== undefined) return kept;
    try {
      const [clientId, ...others] = await clients.idsOf(clientName);
      if (clientId === undefined || others.length > 0) {
        const found = clientId === undefined ? 'no app client' : 'more than one app client';
        throw new Error(`The user pool has ${found} named ${clientName}.`);
      }
      const auth = { issuer, domain: reachable.tokenDomain, clientId, scopes };
      kept = madeFile(JSON.stringify({ version, stage, region, api: '/api', apiUrl, auth }));
      return kept;
    } catch (fault) {
      onFault(fault, request);
      return unavailable('How to sign in is not known at the moment; the log of the function says why');
    }
  };
}
