// Calls of the Entrepôt REST API with the session's token.

import { currentSession, logOut } from './session';

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export interface Page<T> {
  items: T[];
  total: number;
}

async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const session = currentSession();
  const response = await fetch(`api/${path}`, {
    method,
    signal,
    headers: {
      Accept: 'application/json',
      ...(session ? { Authorization: `Bearer ${session.token}` } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) logOut();
  if (!response.ok) throw new ApiError(response.status, await sentenceOf(response));
  return response;
}

async function sentenceOf(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => null)) as { error_description?: string | string[] } | null;
  const sentences = answer?.error_description;
  return (Array.isArray(sentences) ? sentences.join(' ') : sentences) || `The server answered ${response.status}.`;
}

async function entity<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => entity<T>(await send('GET', path, undefined, signal));
export const post = async <T>(path: string, body?: unknown): Promise<T> => entity<T>(await send('POST', path, body));
export const put = async <T>(path: string, body?: unknown): Promise<T> => entity<T>(await send('PUT', path, body));
export const patch = async <T>(path: string, body: unknown): Promise<T> => entity<T>(await send('PATCH', path, body));
export const remove = async (path: string): Promise<void> => void (await send('DELETE', path));

/** A page of a list, and the number of entities there are in all. */
export async function list<T>(path: string, signal?: AbortSignal): Promise<Page<T>> {
  const response = await send('GET', path, undefined, signal);
  const items = (await entity<T[] | null>(response)) ?? [];
  const total = Number(response.headers.get('Content-Range')?.split('/')[1] ?? items.length);
  return { items, total };
}
