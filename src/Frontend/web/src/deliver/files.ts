// The files of a lot, as a browser gives them: chosen one by one, as a folder, or dropped on the page.

export interface LotFile {
  /** Path in the upload: below the chosen folder, slashes. */
  path: string;
  file: File;
}

export interface Lot {
  files: LotFile[];
  /** Name of the folder; empty for files that were chosen one by one. */
  folder: string;
}

// What systems leave in folders by themselves.
const left = /(^|\/)(\.|Thumbs\.db$|desktop\.ini$)/i;

export const isDigestList = (path: string): boolean => /(\.md5|(^|\/)md5sums?(\.txt)?)$/i.test(path);

function lotOf(files: LotFile[], folder: string): Lot {
  return { files: files.filter(({ path }) => !left.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1)), folder };
}

/** The files of an input element, of either kind. */
export function chosen(list: FileList): Lot {
  const files = [...list];
  const folder = files[0]?.webkitRelativePath.split('/')[0] ?? '';
  return lotOf(files.map(file => ({ file, path: folder ? file.webkitRelativePath.slice(folder.length + 1) : file.name })), folder);
}

const entriesOf = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> => new Promise((done, fail) => reader.readEntries(done, fail));
const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((done, fail) => entry.file(done, fail));

async function walk(entry: FileSystemEntry, path: string, found: LotFile[]): Promise<void> {
  if (entry.isFile) {
    found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A browser gives a large folder in parts, the last of which is empty.
  for (let part = await entriesOf(reader); part.length > 0; part = await entriesOf(reader))
    for (const child of part) await walk(child, path ? `${path}/${child.name}` : child.name, found);
}

/** The files and folders of a drop. The one folder that is dropped alone is the lot's. */
export async function dropped(transfer: DataTransfer): Promise<Lot> {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry()).filter(entry => entry !== null);
  const alone = entries.length === 1 && entries[0]!.isDirectory ? entries[0]!.name : '';
  const found: LotFile[] = [];
  for (const entry of entries) await walk(entry, alone ? '' : entry.name, found);
  return lotOf(found, alone);
}

export type LotType = 'RASTER' | 'POINT-CLOUD' | 'ROK4-PYRAMID';

/** What a lot seems to be, by its files. */
export function typeOf(lot: Lot): LotType {
  const has = (form: RegExp) => lot.files.some(({ path }) => form.test(path));
  if (has(/\.(laz|las)$/i)) return 'POINT-CLOUD';
  return has(/^(DATA|MASK)\//) && has(/^[^/]+\.json$/i) ? 'ROK4-PYRAMID' : 'RASTER';
}
