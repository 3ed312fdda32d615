import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { list } from '../api/client';
import { isFinal, type Execution } from '../api/entities';
import { InDatastore } from '../parts/Datastores';
import * as figures from '../parts/figures';
import { ForProducers, mountSession } from '../parts/Session';
import { Status } from '../parts/Status';
import { usePolling } from '../parts/usePolling';
import '../styles/base.css';
import '../styles/builds.css';
import { Build } from './Build';

function useFragment(): [string, (value: string) => void] {
  const [fragment, setFragment] = useState(location.hash.slice(1));
  useEffect(() => {
    const follow = () => setFragment(location.hash.slice(1));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return [fragment, value => (location.hash = value)];
}

function List({ executions, chosen }: { executions: Execution[]; chosen: string }) {
  return (
    <ul class="build-list">
      {executions.map(execution => (
        <li key={execution._id}>
          <a href={`#${execution._id}`} aria-current={execution._id === chosen ? 'true' : undefined}>
            <span class="name">{execution.output?.stored_data?.name ?? execution.processing.name}</span>
            <Status of={execution.status} />
            <small class="quiet">{figures.date(execution.launch ?? execution.creation)}</small>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Builds({ datastore }: { datastore: string }) {
  const [fragment] = useFragment();
  const { value, error, again } = usePolling(
    datastore,
    signal => list<Execution>(`datastores/${datastore}/processings/executions?limit=50&page=1&sort=creation,desc`, signal),
    page => (page.items.some(execution => !isFinal(execution.status)) ? 3000 : 10000),
  );
  if (!value) return error ? <p class="error" role="alert">{error}</p> : <p class="quiet">Loading…</p>;
  const executions = value.items;
  if (executions.length === 0)
    return <p>No build yet. <a href="data">Deliver a lot and process it</a> on the page of the data, or with <code>./grid deliver FOLDER --name NAME</code>.</p>;
  const running = executions.filter(execution => !isFinal(execution.status));
  const past = executions.filter(execution => isFinal(execution.status));
  const chosen = fragment || (running[0] ?? past[0])!._id;
  return (
    <div class="builds">
      <nav aria-label="Builds">
        {running.length > 0 && <><h2>Running</h2><List executions={running} chosen={chosen} /></>}
        {past.length > 0 && <><h2>Past</h2><List executions={past} chosen={chosen} /></>}
        {value.total > executions.length && <p class="quiet">The latest {executions.length} of {value.total}.</p>}
      </nav>
      <Build key={chosen} datastore={datastore} id={chosen} onEnd={again} />
    </div>
  );
}

mountSession();
render(<ForProducers><InDatastore>{datastore => <Builds key={datastore.id} datastore={datastore.id} />}</InDatastore></ForProducers>, document.getElementById('app')!);
