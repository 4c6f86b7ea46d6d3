import { type ApiClient, ApiRefusal, createApiClient, type TokenSource } from '../../cli/api-client.ts';

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

/** The routes that submitting a job takes, over the client of the API. */
export class JobClient {
  readonly #api: ApiClient;

  /** @param options.token answers an access token with both scopes */
  constructor(options: { readonly apiUrl: string; readonly token: TokenSource }) {
    this.#api = createApiClient(options);
  }

  submit(job: object): Promise<JobState> {
    return this.#api.post<JobState>('/jobs', job);
  }

  state(jobId: string): Promise<JobState> {
    return this.#api.get<JobState>(`/jobs/${encodeURIComponent(jobId)}`);
  }

  /** Links for files, at most 500 a call. */
  async links(
    files: readonly { name: string; bytes: number; contentType: string; sha256?: string }[],
  ): Promise<readonly UploadLink[]> {
    return (await this.#api.post<{ uploads: UploadLink[] }>('/jobs/uploads', { files })).uploads;
  }

  /** Uploads one file by its link. */
  async upload(link: UploadLink, bytes: Uint8Array): Promise<void> {
    const { 'content-length': _, ...headers } = link.headers; // fetch sets the length itself
    const answer = await fetch(link.url, { method: 'PUT', headers, body: Buffer.from(bytes) });
    if (!answer.ok) {
      throw new ApiRefusal(`The upload of ${link.name}`, {
        status: answer.status,
        text: await answer.text(),
      });
    }
  }

  /** All results, page by page. */
  async *results(jobId: string): AsyncGenerator<ToonOutcome> {
    let cursor: string | null = null;
    do {
      const from: string = cursor === null ? '' : `&cursor=${cursor}`;
      const path = `/results?jobId=${encodeURIComponent(jobId)}&limit=1000${from}`;
      const page = await this.#api.get<{ results: ToonOutcome[]; cursor: string | null }>(path);
      yield* page.results;
      cursor = page.cursor;
    } while (cursor !== null);
  }
}
