const tones: Record<string, string> = {
  SUCCESS: 'good', GENERATED: 'good', CLOSED: 'good', PUBLISHED: 'good',
  FAILURE: 'bad', UNSTABLE: 'bad', ABORTED: 'bad',
  PROGRESS: 'busy', WAITING: 'busy', CHECKING: 'busy', GENERATING: 'busy', MODIFYING: 'busy', PUBLISHING: 'busy', UNPUBLISHING: 'busy', SYNCHRONIZING: 'busy',
};

/** An entity's status as a word; its colour only repeats it. */
export function Status({ of: status }: { of: string }) {
  return <span class={`status ${tones[status] ?? ''}`}>{status.toLowerCase()}</span>;
}
