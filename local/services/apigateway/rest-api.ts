/** One method of a resource, as the template declares it. */
export interface ApiMethod {
  /** Upper case, or `ANY`. */
  httpMethod: string;
  resourceId: string;
  /** Template of the path: `/datasets/{dataset}`. */
  resourcePath: string;
  functionName: string;
  authorization:
    | { kind: 'none' }
    | { kind: 'cognito'; poolIds: readonly string[]; scopes: readonly string[] };
  /** At most 29,000. */
  timeoutMs: number;
}

/** An answer that the gateway gives itself. */
export interface GatewayResponse {
  status?: number;
  /** `$context.error.messageString` stands for the gateway's own words. */
  template?: string;
  headers?: Record<string, string>;
}

/** A REST API with its stage. */
export interface RestApi {
  id: string;
  name: string;
  stage: string;
  methods: readonly ApiMethod[];
  responses: Readonly<Record<string, GatewayResponse>>;
  binaryMediaTypes: readonly string[];
  throttle?: { ratePerSecond: number; burst: number };
  /** Bytes from which an answer is compressed; without it none is. */
  minimumCompressionSize?: number | undefined;
}

/** What is sent back to a client. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** A method that answers a request, with what its path's parameters matched, still percent-encoded. */
export interface Match {
  method: ApiMethod;
  pathParameters: Record<string, string> | null;
}

/**
 * Finds the method for a path without its stage: first the resource, in which a literal segment goes before a parameter and a parameter before
 * a greedy one, then its method, or its ANY. Undefined is what API Gateway calls a missing authentication token, also where a resource
 * that matches less well has the method.
 */
export function findMethod(
  methods: readonly ApiMethod[],
  httpMethod: string,
  path: string,
): Match | undefined {
  let best: { resourcePath: string; rank: string; parameters: Record<string, string> } | undefined;
  for (const { resourcePath } of methods) {
    const matched = matchPath(resourcePath, path);
    if (matched && (!best || matched.rank < best.rank)) best = { resourcePath, ...matched };
  }
  if (!best) return undefined;
  const { resourcePath, parameters } = best;
  const ofResource = methods.filter((method) => method.resourcePath === resourcePath);
  const method =
    ofResource.find((candidate) => candidate.httpMethod === httpMethod) ??
    ofResource.find((candidate) => candidate.httpMethod === 'ANY');
  if (!method) return undefined;
  return { method, pathParameters: Object.keys(parameters).length > 0 ? parameters : null };
}

/** The rank orders lexically: one digit a segment, 0 for a literal, 1 for a parameter, 2 for a greedy one. */
function matchPath(
  template: string,
  path: string,
): { parameters: Record<string, string>; rank: string } | undefined {
  const wanted = template.split('/').slice(1);
  const given = path.replace(/\/$/, '').split('/').slice(1);
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, part] of wanted.entries()) {
    const segment = given[index];
    const [, name, greedy] = /^\{([^}+]+)(\+)?\}$/.exec(part) ?? [];
    if (name && greedy && segment) {
      parameters[name] = given.slice(index).join('/');
      return { parameters, rank: `${rank}2` };
    }
    if (name && segment) parameters[name] = segment;
    else if (part !== (segment ?? '')) return undefined;
    rank += name ? '1' : '0';
  }
  return given.length <= wanted.length ? { parameters, rank } : undefined;
}
