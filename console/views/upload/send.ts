import type { Answer } from '../../api/operations.ts';

/** Bytes of a file that the API gives a link for. */
export const mostBytes = 2 ** 30;

/** The bucket did not take the bytes: `status` is 0 where there was no answer. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Sending {
  readonly signal: AbortSignal;
  /** How many bytes are on their way or there. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Sends a file by its link: as a stream from the disk, whatever its size. `fetch` does not tell how much has been sent.
 * @throws NotSent, or the reason of the signal
 */
export function sendFile(file: Blob, link: Answer<'startUpload'>, { signal, onProgress }: Sending) {
  return new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(link.method, link.url);
    // The browser says the length itself, and lets no page say it.
    for (const [name, value] of Object.entries(link.headers))
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new NotSent(request.status, messageOf(request.responseText)));
    request.onerror = () => reject(new NotSent(0, ''));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    // Without a type of its own: the link is signed for the one that its headers say.
    request.send(new Blob([file]));
  });
}

/** What S3 says, of its XML. */
const messageOf = (answer: string): string =>
  /<Message>([^<]*)<\/Message>/.exec(answer)?.[1] ?? answer.slice(0, 300);
