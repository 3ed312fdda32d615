import { useState } from 'preact/hooks';
import { get, list } from '../api/client';
import type { CheckSummary, TreeNode, Upload, UploadChecks } from '../api/entities';
import * as figures from '../parts/figures';
import { Log } from '../parts/Log';
import { Status } from '../parts/Status';
import { usePolling } from '../parts/usePolling';
import { Rows } from './Rows';
import { Tags } from './Tags';

const states = [['asked', 'WAITING'], ['in_progress', 'PROGRESS'], ['passed', 'SUCCESS'], ['failed', 'FAILURE']] as const;

function CheckLog({ datastore, check }: { datastore: string; check: CheckSummary }) {
  const { value, error } = usePolling(
    check._id,
    signal => list<string>(`datastores/${datastore}/checks/executions/${check._id}/logs?limit=1000`, signal),
    () => 0,
  );
  if (!value) return <p class={error ? 'error' : 'quiet'}>{error || 'Loading…'}</p>;
  return <Log lines={value.items} label={`Log of ${check.check.name}`} />;
}

function Check({ datastore, check, status }: { datastore: string; check: CheckSummary; status: string }) {
  const [open, setOpen] = useState(status === 'FAILURE');
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{check.check.name} <Status of={status} /></summary>
      {open && <CheckLog datastore={datastore} check={check} />}
    </details>
  );
}

function Tree({ nodes }: { nodes: TreeNode[] }) {
  return (
    <ul class="tree">
      {nodes.map(node => (
        <li key={node.name}>
          {node.children && node.type.toUpperCase() !== 'FILE'
            ? <details><summary>{node.name}/ <span class="quiet">{figures.bytes(node.size)}</span></summary><Tree nodes={node.children} /></details>
            : <>{node.name} <span class="quiet">{figures.bytes(node.size)}</span></>}
        </li>
      ))}
    </ul>
  );
}

function UploadDetails({ datastore, upload }: { datastore: string; upload: Upload }) {
  const path = `datastores/${datastore}/uploads/${upload._id}`;
  const { value, error } = usePolling(
    `${path} ${upload.status}`,
    async signal => ({ checks: await get<UploadChecks>(`${path}/checks`, signal), tree: (await get<TreeNode[] | null>(`${path}/tree`, signal)) ?? [] }),
    last => (last.checks.asked.length + last.checks.in_progress.length > 0 ? 1500 : 0),
  );
  if (!value) return <p class={error ? 'error' : 'quiet'}>{error || 'Loading…'}</p>;
  const checks = states.flatMap(([key, status]) => value.checks[key].map(check => ({ check, status })));
  return (
    <div class="details">
      <section>
        <h3>Checks</h3>
        {checks.length === 0 && <p class="quiet">None asked for yet: closing the upload starts them.</p>}
        {checks.map(({ check, status }) => <Check key={check._id + status} datastore={datastore} check={check} status={status} />)}
      </section>
      <section>
        <h3>Files</h3>
        {value.tree.length === 0 ? <p class="quiet">None.</p> : <Tree nodes={value.tree} />}
      </section>
    </div>
  );
}

/** The uploads of a datastore. */
export function Uploads({ datastore }: { datastore: string }) {
  return (
    <Rows<Upload>
      title="Uploads" path={`datastores/${datastore}/uploads`} sort="last_event,desc"
      none={<>No upload. <code>./grid deliver FOLDER --name NAME</code> makes one.</>}
      busy={upload => upload.status === 'CHECKING' || upload.status === 'OPEN' || upload.status === 'MODIFYING'}
      columns={['Name', 'Status', 'CRS', 'Size', 'Tags', 'Created']} numbers={[3]}
      cells={upload => [upload.name, <Status of={upload.status} />, upload.srs ?? '', figures.bytes(upload.size), <Tags of={upload.tags} />, figures.date(upload.creation)]}
      details={upload => <UploadDetails datastore={datastore} upload={upload} />}
    />
  );
}
