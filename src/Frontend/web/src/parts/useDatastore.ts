import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/client';
import type { User } from '../api/entities';

export interface DatastoreChoice {
  id: string;
  name: string;
  rights: string[];
}

/** Whether the user has a right in the datastore. */
export const may = (datastore: DatastoreChoice, right: 'UPLOAD' | 'PROCESSING' | 'BROADCAST'): boolean => datastore.rights.includes(right);

/** The datastores of the user, and the chosen one (kept for the tab). */
export function useDatastores() {
  const [choices, setChoices] = useState<DatastoreChoice[] | null>(null);
  const [chosen, setChosen] = useState(sessionStorage.getItem('grid.datastore') ?? '');
  const [error, setError] = useState('');
  useEffect(() => {
    get<User>('users/me')
      .then(user => {
        const found = (user.communities_member ?? [])
          .filter(member => member.community.datastore)
          .map(member => ({ id: member.community.datastore!, name: member.community.name, rights: member.rights }));
        setChoices(found);
        if (!found.some(choice => choice.id === chosen)) setChosen(found[0]?.id ?? '');
      })
      .catch((failure: Error) => setError(failure.message));
  }, []);
  const choose = (id: string) => {
    sessionStorage.setItem('grid.datastore', id);
    setChosen(id);
  };
  return { choices, chosen: choices?.find(choice => choice.id === chosen) ?? null, choose, error };
}
