import { useRef, useState } from 'preact/hooks';
import { post } from '../api/client';
import type { Upload } from '../api/entities';
import * as figures from '../parts/figures';
import { FilePicker } from './FilePicker';
import { crsOf } from './crs';
import { typeOf, type Lot } from './files';
import { send } from './sending';

const types = [['RASTER', 'Rasters (GeoTIFF, JPEG 2000 …)'], ['POINT-CLOUD', 'LiDAR (LAS, LAZ)'], ['ROK4-PYRAMID', 'A ROK4 pyramid']] as const;

/** What the names of files that were chosen one by one begin with, all of them. */
function commonName({ files }: Lot): string {
  const names = files.map(({ path }) => path.replace(/\.[^.]*$/, ''));
  let common = names[0] ?? '';
  for (const name of names) while (!name.startsWith(common)) common = common.slice(0, -1);
  return common.replace(/[-_. ]+$/, '');
}

/** Creates an upload of chosen files, sends them and closes it. */
export function NewDelivery({ datastore, onCreated }: { datastore: string; onCreated(): void }) {
  const [lot, setLot] = useState<Lot | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const choose = async (chosen: Lot) => {
    setLot(chosen);
    setError(chosen.files.length === 0 ? 'There is no file to deliver in it.' : '');
    const field = (name: string) => form.current!.elements.namedItem(name) as HTMLInputElement;
    field('type').value = typeOf(chosen);
    field('name').value ||= chosen.folder || commonName(chosen);
    const srs = await crsOf(chosen.files);
    if (srs) field('srs').value = srs;
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!lot?.files.length) {
      setError('Choose the files to deliver.');
      return;
    }
    const given = new FormData(form.current!);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    setBusy(true);
    setError('');
    try {
      const upload = await post<Upload>(`datastores/${datastore}/uploads`, {
        name: text('name'), description: text('description') || text('name'), type: text('type'), srs: text('srs'),
      });
      send(datastore, upload._id, upload.name, lot.files, given.has('closes'));
      form.current!.reset();
      setLot(null);
      setOpen(false);
      onCreated();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  };

  return (
    <details class="process" open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>New delivery</summary>
      <form ref={form} class="fields" onSubmit={submit} aria-label="New delivery">
        <FilePicker onChoose={choose} />
        {lot && lot.files.length > 0 && (
          <p role="status">{figures.count(lot.files.length)} {lot.files.length === 1 ? 'file' : 'files'}, {figures.bytes(lot.files.reduce((sum, { file }) => sum + file.size, 0))}</p>
        )}
        <label>Name <input name="name" required maxLength={255} /></label>
        <label>Contents <select name="type">{types.map(([type, label]) => <option key={type} value={type}>{label}</option>)}</select></label>
        <label>
          Coordinate reference system
          <input name="srs" required placeholder="EPSG:2154" pattern="[A-Za-z]{2,16}:[A-Za-z0-9_.\-]{1,64}" title="An authority and a code, for example EPSG:2154 or IGNF:LAMB93" autocomplete="off" />
          <small class="quiet">Read from the first file that names it.</small>
        </label>
        <label>Description <input name="description" maxLength={2000} /></label>
        <label class="check"><input type="checkbox" name="closes" defaultChecked /> Close it and run the checks when all is sent</label>
        <button type="submit" disabled={busy}>Deliver</button>
        <p class="error" role="alert">{error}</p>
      </form>
    </details>
  );
}
