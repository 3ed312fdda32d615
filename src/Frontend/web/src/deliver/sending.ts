// Sends files into uploads, whatever page component is shown: two at once, each verified by its MD5 digest and sent again when the line breaks.
// What an upload holds already is not sent twice, so that the same files may be chosen again after anything. A session that ends only makes it wait.

import { md5 } from '@noble/hashes/legacy.js';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, post, remove } from '../api/client';
import type { TreeNode, Upload } from '../api/entities';
import { currentSession, logOut, onSessionChange } from '../api/session';
import { tellChange } from '../parts/changes';
import { isDigestList, type LotFile } from './files';

export interface Sending {
  datastore: string;
  upload: string;
  name: string;
  state: 'sending' | 'waiting' | 'failed' | 'stopped' | 'done';
  /** What it does or waits for, or why it failed. */
  note: string;
  files: number;
  filesDone: number;
  bytes: number;
  bytesDone: number;
  /** Bytes of this run alone and when it began, for the rate. */
  bytesSent: number;
  began: number;
  closes: boolean;
}

interface Job {
  shown: Sending;
  lot: LotFile[];
  abort: AbortController;
}

const filesAtOnce = 2, hashedAtOnce = 4 << 20, mostPauses = 8;
const digestsName = 'lot.md5';
const jobs = new Map<string, Job>();
const listeners = new Set<() => void>();

class Refused extends Error {}
class Unauthorized extends Error {}

const tell = (): void => listeners.forEach(listener => listener());
const path = ({ shown }: Job): string => `datastores/${shown.datastore}/uploads/${shown.upload}`;

/** All sendings of this tab; renders again as they go on. */
export function useSendings(): Sending[] {
  const [, render] = useState(0);
  useEffect(() => {
    let frame = 0;
    const listener = () => (frame ||= requestAnimationFrame(() => { frame = 0; render(n => n + 1); }));
    listeners.add(listener);
    return () => { listeners.delete(listener); cancelAnimationFrame(frame); };
  }, []);
  return [...jobs.values()].map(job => job.shown);
}

/** Sends files into an open upload, and closes it then when asked to. */
export function send(datastore: string, upload: string, name: string, lot: LotFile[], closes: boolean): void {
  const shown: Sending = {
    datastore, upload, name, closes, state: 'sending', note: '', files: lot.length, filesDone: 0,
    bytes: lot.reduce((sum, { file }) => sum + file.size, 0), bytesDone: 0, bytesSent: 0, began: Date.now(),
  };
  jobs.get(upload)?.abort.abort();
  jobs.set(upload, { shown, lot, abort: new AbortController() });
  void run(jobs.get(upload)!);
}

export function sendAgain({ upload, datastore, name, closes }: Sending): void {
  send(datastore, upload, name, jobs.get(upload)!.lot, closes);
}

/** Stops after what has been sent; the files that are there stay. */
export function stop({ upload }: Sending): void {
  const job = jobs.get(upload)!;
  job.abort.abort();
  Object.assign(job.shown, { state: 'stopped', note: 'Stopped. The files that were sent stay in the upload.' });
  tell();
}

export function forget({ upload }: Sending): void {
  jobs.get(upload)?.abort.abort();
  jobs.delete(upload);
  tell();
}

window.addEventListener('beforeunload', event => {
  if ([...jobs.values()].some(({ shown }) => shown.state === 'sending' || shown.state === 'waiting')) event.preventDefault();
});

async function run(job: Job): Promise<void> {
  const { shown, lot, abort } = job;
  tell();
  try {
    const there = new Map<string, number>();
    flatten((await persist(job, () => get<TreeNode[] | null>(`${path(job)}/tree`))) ?? [], '', there);
    const data = lot.filter(({ path }) => !isDigestList(path));
    const digests = new Map<string, string>();
    const queue = [...lot];
    const one = async () => {
      for (let next = queue.shift(); next && !abort.signal.aborted; next = queue.shift()) {
        const digest = await digestOf(next.file, abort.signal);
        if (isDigestList(next.path)) await persist(job, () => transfer(job, next, 'md5', digest));
        else if (there.get(next.path) !== next.file.size) await persist(job, () => transfer(job, next, `data?path=${encodeURIComponent(next.path)}`, digest));
        else shown.bytesDone += next.file.size;
        digests.set(next.path, digest);
        shown.filesDone++;
        tell();
      }
    };
    await Promise.all(Array.from({ length: filesAtOnce }, one));
    abort.signal.throwIfAborted();
    if (there.has(digestsName)) await persist(job, () => remove(`${path(job)}/md5?path=${digestsName}`).catch(absent));
    const list = new File(data.map(({ path }) => `${digests.get(path)}  ${path}\n`), digestsName);
    const digest = await digestOf(list, abort.signal);
    await persist(job, () => transfer(job, { path: digestsName, file: list }, 'md5', digest, false));
    if (shown.closes) await persist(job, () => close(job));
    abort.signal.throwIfAborted();
    Object.assign(shown, { state: 'done', note: shown.closes ? 'All is sent; the checks run now.' : 'All is sent. Close the upload when it is complete.' });
  } catch (failure) {
    if (abort.signal.aborted) return;
    abort.abort();
    Object.assign(shown, { state: 'failed', note: (failure as Error).message });
  }
  tell();
  tellChange();
}

// Of a removal whose answer was lost, the second finds nothing.
function absent(failure: unknown): void {
  if (!(failure instanceof ApiError && failure.status === 404)) throw failure;
}

async function close(job: Job): Promise<void> {
  try {
    await post(`${path(job)}/close`);
  } catch (failure) {
    // Of a close whose answer was lost, the second finds the upload closed.
    if (!(failure instanceof ApiError && failure.status === 409) || (await get<Upload>(path(job))).status === 'OPEN') throw failure;
  }
}

/** Tries again after pauses while the server cannot be reached, and after a login when the session has ended; a refusal ends it. */
async function persist<T>(job: Job, act: () => Promise<T>): Promise<T> {
  const { shown, abort } = job;
  for (let pauses = 0; ; pauses++) {
    abort.signal.throwIfAborted();
    try {
      const answer = await act();
      if (shown.state === 'waiting') Object.assign(shown, { state: 'sending', note: '' });
      return answer;
    } catch (failure) {
      abort.signal.throwIfAborted();
      const status = failure instanceof ApiError ? failure.status : 0;
      if (status === 401 || failure instanceof Unauthorized) {
        pauses = 0;
        await wait(job, 'Your session has ended: log in again, and it goes on.', untilLoggedIn(abort.signal));
      } else if (failure instanceof Refused || (status >= 400 && status < 500 && status !== 429) || pauses === mostPauses) {
        throw failure;
      } else {
        const seconds = Math.min(60, 2 ** pauses);
        await wait(job, `${(failure as Error).message} Trying again in ${seconds} s.`, new Promise(done => setTimeout(done, seconds * 1000)));
      }
    }
  }
}

async function wait(job: Job, note: string, end: Promise<void>): Promise<void> {
  Object.assign(job.shown, { state: 'waiting', note });
  tell();
  await end;
}

function untilLoggedIn(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    const look = () => {
      if (!currentSession() && !signal.aborted) return;
      forgetListener();
      done();
    };
    const forgetListener = onSessionChange(look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}

function flatten(nodes: TreeNode[], prefix: string, sizes: Map<string, number>): void {
  for (const node of nodes) {
    if (node.children) flatten(node.children, `${prefix}${node.name}/`, sizes);
    else sizes.set(prefix + node.name, node.size);
  }
}

async function digestOf(file: File, signal: AbortSignal): Promise<string> {
  const hash = md5.create();
  for (let at = 0; at < file.size; at += hashedAtOnce) {
    signal.throwIfAborted();
    const part = await file.slice(at, at + hashedAtOnce).arrayBuffer().catch(() => {
      throw new Error(`${file.name} cannot be read any more: it was changed or moved since it was chosen. Choose the files again.`);
    });
    hash.update(new Uint8Array(part));
  }
  return Array.from(hash.digest(), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Posts one file; only XMLHttpRequest tells how much of it has left. What is not the lot's is not counted. */
function transfer(job: Job, { path: name, file }: LotFile, to: string, digest: string, counted = true): Promise<void> {
  const { shown, abort } = job;
  let reported = 0;
  const report = (bytes: number) => {
    if (!counted) return;
    shown.bytesDone += bytes - reported;
    shown.bytesSent += bytes - reported;
    reported = bytes;
    tell();
  };
  return new Promise((done, fail) => {
    const fall = (failure: Error) => {
      report(0);
      fail(failure);
    };
    const request = new XMLHttpRequest();
    request.open('POST', `api/${path(job)}/${to}`);
    request.setRequestHeader('Accept', 'application/json');
    const session = currentSession();
    if (session) request.setRequestHeader('Authorization', `Bearer ${session.token}`);
    // The body is a little longer than the file.
    request.upload.onprogress = event => report(Math.min(event.loaded, file.size));
    request.onerror = () => fall(new Error(`${name}: the connection broke.`));
    request.onabort = () => fall(new Error('stopped'));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 401) {
        logOut();
        fall(new Unauthorized());
      } else if (request.status >= 400 && request.status < 500 && request.status !== 429) {
        fall(new Refused([answer?.error_description ?? `${name}: the server answered ${request.status}.`].flat().join(' ')));
      } else if (request.status >= 400) {
        fall(new Error(`${name}: ${[answer?.error_description ?? `the server answered ${request.status}.`].flat().join(' ')}`));
      } else if (answer?.md5 && answer.md5 !== digest) {
        fall(new Error(`${name}: the server received other bytes than were sent.`));
      } else {
        report(file.size);
        done();
      }
    };
    const cut = () => request.abort();
    abort.signal.addEventListener('abort', cut);
    request.onloadend = () => abort.signal.removeEventListener('abort', cut);
    const form = new FormData();
    form.append('file', file, name.split('/').at(-1));
    request.send(form);
  });
}

function parsed(text: string): { md5?: string; error_description?: string | string[] } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
