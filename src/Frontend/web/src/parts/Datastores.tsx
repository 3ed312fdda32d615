import type { ComponentChildren } from 'preact';
import type { DatastoreChoice } from './useDatastore';
import { useDatastores } from './useDatastore';

/** Lets a producer of several datastores choose one, and shows the content for it. */
export function InDatastore({ children }: { children: (datastore: DatastoreChoice) => ComponentChildren }) {
  const { choices, chosen, choose, error } = useDatastores();
  if (error) return <p class="error" role="alert">{error}</p>;
  if (!choices) return <p class="quiet">Loading…</p>;
  if (!chosen) return <p>This account has no datastore.</p>;
  return (
    <>
      {choices.length > 1 && (
        <p class="chooser">
          <label for="datastore">Datastore</label>
          <select id="datastore" value={chosen.id} onChange={event => choose(event.currentTarget.value)}>
            {choices.map(choice => <option key={choice.id} value={choice.id}>{choice.name}</option>)}
          </select>
        </p>
      )}
      {children(chosen)}
    </>
  );
}
