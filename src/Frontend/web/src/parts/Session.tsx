import type { ComponentChildren } from 'preact';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { currentSession, logIn, logOut, onSessionChange } from '../api/session';

/** The session of this tab, or null; renders again when it begins or ends. */
export function useSession() {
  const [session, setSession] = useState(currentSession());
  useEffect(() => onSessionChange(() => setSession(currentSession())), []);
  return session;
}

function SessionCorner() {
  const session = useSession();
  return session ? (
    <>
      <span class="quiet">{session.login}</span>
      <button type="button" class="plain" onClick={logOut}>Log out</button>
    </>
  ) : null;
}

/** Shows who is logged in, in the header. */
export function mountSession(): void {
  const place = document.getElementById('session');
  if (place) render(<SessionCorner />, place);
}

function LoginForm() {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError('');
    try {
      await logIn(String(form.get('login')), String(form.get('password')));
    } catch (refused) {
      setError((refused as Error).message);
      setBusy(false);
    }
  };
  return (
    <form class="card login" onSubmit={submit} aria-labelledby="login-title">
      <h2 id="login-title">Log in</h2>
      <p class="quiet">Builds and data belong to producers. The demonstration's account is in <code>secrets.json</code> of the data folder.</p>
      <label for="login">Login</label>
      <input id="login" name="login" autocomplete="username" required autofocus />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <p class="error" role="alert">{error}</p>
      <button type="submit" disabled={busy}>Log in</button>
    </form>
  );
}

/** Shows its content to a producer, and the login form to anyone else. */
export function ForProducers({ children }: { children: ComponentChildren }) {
  return useSession() ? <>{children}</> : <LoginForm />;
}
