import { setTimeout as pause } from 'node:timers/promises';

/** The API of the jobs, as a client of it sees it. */
export interface JobClientOptions {
  /** With the stage, without a slash at the end: `http://127.0.0.1:4567/prod`. */
  readonly apiUrl: string;
  /** Answers an access token with both scopes; asked for each request, so that a long job outlives a token. */
  readonly token: () => Promise<string>;
}

export interface JobState {
  readonly jobId: string;
  readonly state: 'Pending' | 'Processing' | 'Completed' | 'Failed';
  readonly total: number;
  readonly processed: number;
  readonly failed: number;
  readonly error?: string;
  readonly cause?: string;
}

export interface ToonOutcome {
  readonly toonId: string;
  readonly type: string;
  readonly state: 'Completed' | 'Failed';
  readonly bytes?: number;
  readonly durationMs: number;
  readonly reason?: string;
  readonly detail?: string;
}

export interface UploadLink {
  readonly name: string;
  readonly key: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The API refused; the message is its own detail. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
}

/** Attempts of a request that was told to come back later. */
const attempts = 5;

/** The routes that submitting a job takes. Refusals are `ApiRefusal`; 429 and 503 are waited out a few times. */
export class JobClient {
  readonly #options: JobClientOptions;

  constructor(options: JobClientOptions) {
    this.#options = options;
  }

  async submit(job: object): Promise<JobState> {
    return (await this.#call('POST', '/jobs', job)) as JobState;
  }

  async state(jobId: string): Promise<JobState> {
    return (await this.#call('GET', `/jobs/${encodeURIComponent(jobId)}`)) as JobState;
  }

  /** Links for files, at most 500 a call. */
  async links(
    files: readonly { name: string; bytes: number; contentType: string }[],
  ): Promise<readonly UploadLink[]> {
    return ((await this.#call('POST', '/jobs/uploads', { files })) as { uploads: UploadLink[] }).uploads;
  }

  /** Uploads one file by its link. */
  async upload(link: UploadLink, bytes: Uint8Array): Promise<void> {
    const { 'content-length': _, ...headers } = link.headers; // fetch sets the length itself
    const answer = await fetch(link.url, { method: 'PUT', headers, body: Buffer.from(bytes) });
    if (!answer.ok)
      throw new ApiRefusal(`the upload of ${link.name} was refused: ${answer.status} ${await answer.text()}`);
  }

  /** All results, page by page. */
  async *results(jobId: string): AsyncGenerator<ToonOutcome> {
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page = (await this.#call(
        'GET',
        `/results?jobId=${encodeURIComponent(jobId)}&limit=1000${from}`,
      )) as {
        results: ToonOutcome[];
        cursor: string | null;
      };
      yield* page.results;
      cursor = page.cursor;
    } while (cursor !== null);
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(this.#options.apiUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${await this.#options.token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.ok) return answer.json();
      const text = await answer.text();
      if ((answer.status !== 429 && answer.status !== 503) || attempt === attempts) {
        throw new ApiRefusal(`${method} ${path}: ${answer.status} ${detailOf(text)}`);
      }
      await pause(1000 * (Number(answer.headers.get('retry-after')) || attempt));
    }
  }
}

function detailOf(text: string): string {
  try {
    const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
    return detail ?? message ?? text;
  } catch {
    return text;
  }
}
