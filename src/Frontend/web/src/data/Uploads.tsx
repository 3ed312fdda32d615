import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, list, patch, post, remove } from '../api/client';
import type { CheckSummary, TreeNode, Upload, UploadChecks } from '../api/entities';
import { FilePicker } from '../deliver/FilePicker';
import { NewDelivery } from '../deliver/NewDelivery';
import { send } from '../deliver/sending';
import { Act } from '../parts/Act';
import * as figures from '../parts/figures';
import { Log } from '../parts/Log';
import { Status } from '../parts/Status';
import { may, type DatastoreChoice } from '../parts/useDatastore';
import { usePolling } from '../parts/usePolling';
import { Process } from '../process/Process';
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

interface Removal {
  path: string;
  onDone(): void;
}

// A lot may have a hundred thousand files.
const mostShown = 200;

/** The files; each can be taken away where there is a removal. */
function Tree({ nodes, prefix = '', removal }: { nodes: TreeNode[]; prefix?: string; removal?: Removal }) {
  return (
    <ul class="tree">
      {nodes.slice(0, mostShown).map(node => (
        <li key={node.name}>
          {node.children && node.type.toUpperCase() !== 'FILE' ? (
            <details><summary>{node.name}/ <span class="quiet">{figures.bytes(node.size)}</span></summary><Tree nodes={node.children} prefix={`${prefix}${node.name}/`} removal={removal} /></details>
          ) : (
            <>
              {node.name} <span class="quiet">{figures.bytes(node.size)}</span>{' '}
              {removal && <Act act={() => removeFile(removal.path, prefix + node.name)} onDone={removal.onDone} label={`Remove ${prefix}${node.name}`}>Remove</Act>}
            </>
          )}
        </li>
      ))}
      {nodes.length > mostShown && <li class="quiet">and {figures.count(nodes.length - mostShown)} more</li>}
    </ul>
  );
}

// The tree shows MD5 files at its root, among those of data.
async function removeFile(upload: string, file: string): Promise<void> {
  const query = `?path=${encodeURIComponent(file)}`;
  try {
    await remove(`${upload}/data${query}`);
  } catch (failure) {
    if (!(failure instanceof ApiError && failure.status === 404)) throw failure;
    await remove(`${upload}/md5${query}`);
  }
}

/** The CRS that an upload declares: what a check refuses may be that alone. */
function DeclaredCrs({ path, upload, onDone }: { path: string; upload: Upload; onDone(): void }) {
  const [srs, setSrs] = useState(upload.srs ?? '');
  return (
    <p class="acts">
      <label for={`srs-${upload._id}`}>CRS</label>
      <input id={`srs-${upload._id}`} value={srs} onInput={event => setSrs(event.currentTarget.value.trim())} autocomplete="off" />
      <Act act={() => patch(path, { srs })} onDone={onDone} label={`Declare the CRS of ${upload.name}`}>Declare</Act>
    </p>
  );
}

function Steps({ datastore, upload, again }: { datastore: DatastoreChoice; upload: Upload; again(): void }) {
  const path = `datastores/${datastore.id}/uploads/${upload._id}`;
  const act = (what: string) => () => post(`${path}/${what}`);
  return (
    <section class="steps">
      <h3>Next</h3>
      {upload.status === 'OPEN' && may(datastore, 'UPLOAD') && (
        <>
          <FilePicker onChoose={lot => send(datastore.id, upload._id, upload.name, lot.files, false)} />
          <p class="quiet">Files that are here already, with the same size, are not sent again.</p>
          <DeclaredCrs path={path} upload={upload} onDone={again} />
        </>
      )}
      {upload.status === 'CHECKING' && <p class="quiet">The checks run.</p>}
      {upload.status === 'UNSTABLE' && <p>A check has failed: its log says which file and why. Open the upload again, correct it, and close it.</p>}
      {upload.status === 'CLOSED' && may(datastore, 'PROCESSING') && (
        <details class="process" open><summary>Process</summary><Process datastore={datastore.id} input={{ kind: 'upload', id: upload._id, name: upload.name, type: upload.type }} /></details>
      )}
      {may(datastore, 'UPLOAD') && (
        <p class="acts">
          {upload.status === 'OPEN' && <Act look="" act={act('close')} onDone={again} label={`Close and check ${upload.name}`}>Close and check</Act>}
          {(upload.status === 'UNSTABLE' || upload.status === 'CLOSED') && <Act act={act('open')} onDone={again} label={`Open ${upload.name} again`}>Open again</Act>}
          <Act look="danger" act={() => remove(path)} onDone={again} confirm={`Delete the upload ${upload.name} and its files? Pyramids made of it stay.`} label={`Delete ${upload.name}`}>Delete</Act>
        </p>
      )}
    </section>
  );
}

function UploadDetails({ datastore, upload, again }: { datastore: DatastoreChoice; upload: Upload; again(): void }) {
  const path = `datastores/${datastore.id}/uploads/${upload._id}`;
  const { value, error, again: readAgain } = usePolling(
    `${path} ${upload.status}`,
    async signal => ({ checks: await get<UploadChecks>(`${path}/checks`, signal), tree: (await get<TreeNode[] | null>(`${path}/tree`, signal)) ?? [] }),
    last => (last.checks.asked.length + last.checks.in_progress.length > 0 ? 1500 : 0),
  );
  useEffect(readAgain, [upload.size]);
  if (!value) return <p class={error ? 'error' : 'quiet'}>{error || 'Loading…'}</p>;
  const checks = states.flatMap(([key, status]) => value.checks[key].map(check => ({ check, status })));
  return (
    <div class="details">
      <section>
        <h3>Checks</h3>
        {checks.length === 0 && <p class="quiet">None asked for yet: closing the upload starts them.</p>}
        {checks.map(({ check, status }) => <Check key={check._id + status} datastore={datastore.id} check={check} status={status} />)}
      </section>
      <section>
        <h3>Files</h3>
        {value.tree.length === 0 ? <p class="quiet">None.</p> : (
          <Tree nodes={value.tree} removal={upload.status === 'OPEN' && may(datastore, 'UPLOAD') ? { path, onDone: () => { readAgain(); again(); } } : undefined} />
        )}
      </section>
      {upload.status !== 'DELETED' && <Steps datastore={datastore} upload={upload} again={again} />}
    </div>
  );
}

/** The uploads of a datastore. */
export function Uploads({ datastore }: { datastore: DatastoreChoice }) {
  return (
    <Rows<Upload>
      title="Uploads" path={`datastores/${datastore.id}/uploads`} sort="last_event,desc" filter="status=CREATED,OPEN,CHECKING,MODIFYING,CLOSED,UNSTABLE"
      none={<>No upload yet. Make one here, or with <code>./grid deliver FOLDER --name NAME</code>.</>}
      busy={upload => upload.status === 'CHECKING' || upload.status === 'OPEN' || upload.status === 'MODIFYING'}
      columns={['Name', 'Status', 'CRS', 'Size', 'Tags', 'Created']} numbers={[3]}
      cells={upload => [upload.name, <Status of={upload.status} />, upload.srs ?? '', figures.bytes(upload.size), <Tags of={upload.tags} />, figures.date(upload.creation)]}
      details={(upload, again) => <UploadDetails datastore={datastore} upload={upload} again={again} />}
      above={again => may(datastore, 'UPLOAD') && <NewDelivery datastore={datastore.id} onCreated={again} />}
    />
  );
}
