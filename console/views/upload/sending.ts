import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../../api/client.ts';
import { navigate } from '../../app/router.ts';
import { sendFile } from './send.ts';

interface Progress {
  readonly file: File;
  readonly bytes: number;
  readonly stop: () => void;
}

/** What is being sent, or came of it. It outlives the view: one may look at others meanwhile. */
interface Sending {
  readonly progress?: Progress;
  readonly error?: unknown;
  /** A file that arrived while another view was looked at. */
  readonly arrived?: { readonly name: string; readonly uploadId: string };
}

let sending: Sending = {};
const watchers = new Set<() => void>();

export function tell(next: Sending): void {
  sending = next;
  for (const watcher of watchers) watcher();
}

export function useSending(): Sending {
  const [, drawAgain] = useState({});
  useEffect(() => {
    const watcher = () => drawAgain({});
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      // What went wrong has been read by then.
      if (sending.error !== undefined) tell({});
    };
  }, []);
  return sending;
}

/** The browser asks before the page is left: what is being sent would break off. */
const asksFirst = (event: Event) => event.preventDefault();

/**
 * Sends a file, and opens it once it is there, for who still waits for it.
 * @param saidOf what is said of a fault, and of being cancelled
 */
export async function send(
  api: Api,
  file: File,
  saidOf: { fault(fault: unknown): unknown; readonly cancelled: string },
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = () => controller.abort(new Error(saidOf.cancelled));
  const told = (bytes: number) => tell({ progress: { file, bytes, stop } });
  told(0);
  addEventListener('beforeunload', asksFirst);
  try {
    const link = await api.call('startUpload', {}, { signal, body: { name: file.name, bytes: file.size } });
    await sendFile(file, link, { signal, onProgress: told });
    const isWaitedFor = location.pathname === '/upload';
    tell(isWaitedFor ? {} : { arrived: { name: file.name, uploadId: link.uploadId } });
    if (isWaitedFor) navigate(`/upload/${link.uploadId}`);
  } catch (fault) {
    tell({ error: signal.aborted ? signal.reason : saidOf.fault(fault) });
  } finally {
    removeEventListener('beforeunload', asksFirst);
  }
}
