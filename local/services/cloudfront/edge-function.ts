import vm from 'node:vm';

/** A request as a function at the edge sees and changes it. */
export interface EdgeRequest {
  method: string;
  /** Path without the query. */
  uri: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
}

/** A request that goes on, or an answer in its place. */
type EdgeResult =
  | { kind: 'request'; request: EdgeRequest }
  | { kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; body: string };

/** A CloudFront Function for viewer requests. @throws what its code throws, and for a result that CloudFront would not take */
export type EdgeFunction = (request: EdgeRequest, about: EdgeContext) => Promise<EdgeResult>;

export interface EdgeContext {
  distributionDomainName: string;
  distributionId: string;
  requestId: string;
  viewerIp: string;
}

interface Value {
  value: string;
  multiValue?: { value: string }[];
}

/** CloudFront ends a function after a millisecond of its own machine; what takes this long here hangs. */
const timeoutMs = 1_000;

/**
 * The code of a CloudFront Function, runtime 2.0: a script with a global `handler`, without modules, timers, network or anything of Node.
 * @throws SyntaxError when it does not compile
 */
export function createEdgeFunction(name: string, code: string): EdgeFunction {
  const script = new vm.Script(code, { filename: `${name}.js` });
  return async (request, about) => {
    const { viewerIp, ...context } = about;
    const event = {
      version: '1.0',
      context: { ...context, eventType: 'viewer-request' },
      viewer: { ip: viewerIp },
      request: asEvent(request),
    };
    const realm = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
    script.runInContext(realm, { timeout: timeoutMs });
    // As text into the function's own realm and out of it: it gets no object of this process to climb out by.
    const call = `Promise.resolve(handler(${JSON.stringify(event)})).then((result) => JSON.stringify(result))`;
    const result = String(await vm.runInContext(call, realm, { timeout: timeoutMs }));
    return resultOf(JSON.parse(result), name, request);
  };
}

function asEvent({ method, uri, query, headers }: EdgeRequest): object {
  const values = new Map<string, Value>();
  for (const [key, value] of query) {
    const known = values.get(key);
    if (known === undefined) values.set(key, { value });
    else known.multiValue = [...(known.multiValue ?? [{ value: known.value }]), { value }];
  }
  const { cookie, ...others } = headers;
  const cookies = (cookie ?? '')
    .split(/; */)
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), { value: pair.slice(pair.indexOf('=') + 1) }]);
  return {
    method,
    uri,
    querystring: Object.fromEntries(values),
    headers: Object.fromEntries(Object.entries(others).map(([key, value]) => [key, { value }])),
    cookies: Object.fromEntries(cookies),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what a function of anybody's returns
function resultOf(result: any, name: string, sent: EdgeRequest): EdgeResult {
  const plain = (values: Record<string, Value>) =>
    Object.fromEntries(Object.entries(values ?? {}).map(([key, { value }]) => [key, value]));
  if (typeof result?.statusCode === 'number') {
    const body = typeof result.body === 'string' ? result.body : (result.body?.data ?? '');
    return { kind: 'answer', status: result.statusCode, headers: plain(result.headers), body };
  }
  if (typeof result?.uri !== 'string' || !result.uri.startsWith('/'))
    throw new Error(
      `The CloudFront Function ${name} returned no request with a uri that begins with a slash.`,
    );
  const query = new URLSearchParams();
  for (const [key, { value, multiValue }] of Object.entries(
    (result.querystring ?? {}) as Record<string, Value>,
  ))
    for (const each of multiValue ?? [{ value }]) query.append(key, each.value);
  const cookie = Object.entries(plain(result.cookies)).map(([key, value]) => `${key}=${value}`);
  const headers = { ...plain(result.headers), ...(cookie.length > 0 ? { cookie: cookie.join('; ') } : {}) };
  return { kind: 'request', request: { method: sent.method, uri: result.uri, query, headers } };
}
