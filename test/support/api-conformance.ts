import { expect } from 'vitest';
import { problemDocument } from '../../handlers/api/contract/openapi.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { targetsOf } from './api-requests.ts';
import { body } from './api-world.ts';

/** A document of `/openapi.json`, as far as answers are held against it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** Holds an answer to what the document tells: its status, its shape; and that it gives nothing of the inside away. */
export function conformanceTo(document: ApiDocument): (sent: HttpRequest, answer: HttpAnswer) => void {
  const targets = new Map(targetsOf(document).map((target) => [`${target.method} ${target.path}`, target]));
  return (sent, answer) => {
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toMatch(/\n\s+at |\.[cm]?[jt]s:\d+|node:internal/);
    const operation = targets.get(`${sent.method} ${sent.route}`)?.operationId;
    const route = routes.find((listed) => listed.operation === operation);
    const told = document.paths[sent.route]?.[sent.method.toLowerCase()]?.responses ?? {};
    expect(Object.keys(told)).toContain(String(answer.status));
    if (answer.status >= 400) problemDocument.parse(body(answer));
    else if (route && answer.headers['content-type'] === 'application/json') {
      expect(() => (route.answer as typeof problemDocument).parse(body(answer))).not.toThrow();
    }
  };
}
