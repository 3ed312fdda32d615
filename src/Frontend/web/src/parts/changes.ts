// What one part of a page changed, others read again at once instead of at their next turn.

const listeners = new Set<() => void>();

export function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const tellChange = (): void => listeners.forEach(listener => listener());
