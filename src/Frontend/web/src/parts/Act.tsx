import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { tellChange } from './changes';

interface Props {
  children: ComponentChildren;
  act(): Promise<unknown>;
  onDone?(): void;
  /** Asked before; the act is only done when the answer is yes. */
  confirm?: string;
  look?: 'plain' | 'danger' | '';
  /** For ears, where many buttons have the same text. */
  label?: string;
}

/** A button that calls the API, and says why when it is refused. */
export function Act({ children, act, onDone, confirm, look = 'plain', label }: Props) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const click = async () => {
    if (confirm && !window.confirm(confirm)) return;
    setBusy(true);
    setError('');
    try {
      await act();
      onDone?.();
      tellChange();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class={look} disabled={busy} onClick={click} aria-label={label}>{children}</button>
      {error && <p class="error" role="alert">{error}</p>}
    </>
  );
}
