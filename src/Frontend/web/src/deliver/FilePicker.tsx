import { useId, useState } from 'preact/hooks';
import { chosen, dropped, type Lot } from './files';

/** Takes files or a folder: by the browser's dialogs, or dropped. */
export function FilePicker({ onChoose }: { onChoose(lot: Lot): void }) {
  const [over, setOver] = useState(false);
  const id = useId();
  const take = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    if (input.files?.length) onChoose(chosen(input.files));
    // The same files may be chosen again.
    input.value = '';
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer) onChoose(await dropped(event.dataTransfer));
  };
  return (
    <div class={`picker ${over ? 'over' : ''}`} onDragOver={event => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <input id={`${id}folder`} class="hidden" type="file" onChange={take} {...{ webkitdirectory: true }} />
      <label for={`${id}folder`} class="button">Choose a folder</label>
      <input id={`${id}files`} class="hidden" type="file" multiple onChange={take} />
      <label for={`${id}files`} class="button plain">Choose files</label>
      <span class="quiet">or drop them here</span>
    </div>
  );
}
