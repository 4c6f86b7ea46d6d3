/** A problem document (RFC 9457) as the API answers it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly accepted?: unknown;
  readonly errors?: readonly { readonly parameter?: string; readonly detail: string }[];
}

/** There was no answer: the connection, or who answers, is not there. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Does something over the network. @throws Unreachable where `fetch` tells that by a TypeError, or an answer breaks off */
export async function reaching<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (fault) {
    throw fault instanceof TypeError ? new Unreachable(fault.message, { cause: fault }) : fault;
  }
}

/** The API's answer was not success. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }

  static async of(response: Response): Promise<Refused> {
    const text = await response.text();
    try {
      const { status = response.status, detail, title = '', ...rest } = JSON.parse(text) as Partial<Problem>;
      return new Refused({ type: 'about:blank', ...rest, title, status, detail: detail ?? title });
    } catch {
      // What stands before the API answers in words of its own.
      const detail = text.slice(0, 300) || response.statusText;
      return new Refused({ type: 'about:blank', title: '', status: response.status, detail });
    }
  }
}
