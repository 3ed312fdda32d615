import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Runs a read now and again after each pause, never two at once, and not while the tab is hidden. A pause of 0 ends it.
 * The reads of an earlier key are aborted and forgotten. `again` reads at once, or as soon as the read under way has ended.
 */
export function usePolling<T>(key: string, read: (signal: AbortSignal) => Promise<T>, pause: (last: T) => number) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState('');
  const wake = useRef<() => void>(() => {});
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    let reading = false;
    let wanted = false;
    setValue(null);
    setError('');
    const run = async () => {
      wanted = reading;
      if (reading) return;
      reading = true;
      let next = 3000;
      try {
        const last = await read(abort.signal);
        if (abort.signal.aborted) return;
        setValue(last);
        setError('');
        next = pause(last);
      } catch (failure) {
        if (abort.signal.aborted) return;
        setError((failure as Error).message);
      } finally {
        reading = false;
      }
      if (wanted) void run();
      else if (next > 0) timer = window.setTimeout(step, next);
    };
    const step = () => {
      if (document.hidden) document.addEventListener('visibilitychange', step, { once: true, signal: abort.signal });
      else void run();
    };
    wake.current = () => {
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', step);
      void run();
    };
    void run();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [key]);
  return { value, error, again: () => wake.current() };
}
