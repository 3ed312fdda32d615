// The producer's session: a bearer token kept for this tab only.

const key = 'grid.session';
const tokenPath = 'auth/realms/geoplateforme/protocol/openid-connect/token';

export interface Session {
  login: string;
  token: string;
  /** Milliseconds since 1970. */
  ends: number;
}

const listeners = new Set<() => void>();

export function currentSession(): Session | null {
  try {
    const session = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Session | null;
    return session && session.ends > Date.now() ? session : null;
  } catch {
    return null;
  }
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks for a token; throws an Error with the server's sentence when it is refused. */
export async function logIn(login: string, password: string): Promise<void> {
  const response = await fetch(tokenPath, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'grid-pages', username: login, password }),
  });
  const answer = (await response.json().catch(() => ({}))) as { access_token?: string; expires_in?: number; error_description?: string };
  if (!response.ok || !answer.access_token)
    throw new Error(response.status === 401 ? 'This login and password do not go together.' : answer.error_description ?? `The server answered ${response.status}.`);
  const session: Session = { login, token: answer.access_token, ends: Date.now() + (answer.expires_in ?? 60) * 900 };
  sessionStorage.setItem(key, JSON.stringify(session));
  listeners.forEach(listener => listener());
}

export function logOut(): void {
  sessionStorage.removeItem(key);
  listeners.forEach(listener => listener());
}
