import { useState } from 'preact/hooks';
import { get, list, post } from '../api/client';
import { isFinal, type BuildProgress, type Execution } from '../api/entities';
import * as figures from '../parts/figures';
import { Log } from '../parts/Log';
import { Status } from '../parts/Status';
import { usePolling } from '../parts/usePolling';
import { SlabCanvas } from './SlabCanvas';
import { useSlabs } from './useSlabs';

interface Snapshot {
  execution: Execution;
  progress: BuildProgress | null;
  log: string[];
}

const nothing: BuildProgress = {
  status: '', fraction: 0, part: 'slabs', parts_done: 0, parts_total: 0, rate: 0, rate_unit: '', time_left_s: null, levels: [], failures: [],
};

const parts = { slabs: 'Slabs', files: 'Files', tiles: 'Tiles of the model' };

function Figure({ label, value }: { label: string; value: string }) {
  return <div><dt>{label}</dt><dd>{value}</dd></div>;
}

function elapsed(execution: Execution): number {
  const start = execution.start ?? execution.launch;
  return start ? ((execution.finish ? Date.parse(execution.finish) : Date.now()) - Date.parse(start)) / 1000 : 0;
}

/** One build: its figures, its slabs level by level, its log. */
export function Build({ datastore, id, onEnd }: { datastore: string; id: string; onEnd(): void }) {
  const path = `datastores/${datastore}/processings/executions/${id}`;
  const [aborting, setAborting] = useState(false);
  const [refusal, setRefusal] = useState('');
  const { value, error, again } = usePolling<Snapshot>(
    path,
    async signal => {
      const execution = await get<Execution>(path, signal);
      const [progress, log] = await Promise.all([
        get<BuildProgress>(`${path}/progress`, signal).catch(() => null),
        list<string>(`${path}/logs?limit=10000`, signal).then(page => page.items).catch(() => []),
      ]);
      if (isFinal(execution.status)) onEnd();
      return { execution, progress, log };
    },
    last => (isFinal(last.execution.status) ? 0 : 700),
  );
  const progress = value?.progress ?? nothing;
  const { fields, drawn } = useSlabs(path, progress.levels ?? [], progress.slabs_done ?? 0);
  if (!value) return error ? <p class="error" role="alert">{error}</p> : <p class="quiet">Loading…</p>;
  const { execution, log } = value;
  const running = !isFinal(execution.status);
  const fraction = execution.status === 'SUCCESS' ? 1 : progress.fraction;

  const abort = async () => {
    if (!window.confirm('Abort this build? What it has written is removed.')) return;
    setAborting(true);
    setRefusal('');
    try {
      await post(`${path}/abort`);
      again();
    } catch (failure) {
      setRefusal((failure as Error).message);
    }
    setAborting(false);
  };

  return (
    <section class="card build" aria-labelledby="build-title">
      <div class="build-head">
        <h2 id="build-title">{execution.output?.stored_data?.name ?? execution.processing.name}</h2>
        <Status of={execution.status} />
        {running && execution.status !== 'CREATED' && <button type="button" class="danger" disabled={aborting} onClick={abort}>Abort</button>}
      </div>
      <p class="error" role="alert">{refusal || error}</p>
      {execution.status === 'SUCCESS' && execution.output?.stored_data && <p>It is done: <a href={`data#${execution.output.stored_data._id}`}>publish or process {execution.output.stored_data.name}</a>.</p>}
      <div class="progress-row">
        <progress max={1} value={fraction} aria-label="Share done" />
        <output>{(fraction * 100).toFixed(fraction < 1 ? 1 : 0)} %</output>
      </div>
      <dl class="figures">
        <Figure label={parts[progress.part]} value={`${figures.count(progress.parts_done)} of ${figures.count(progress.parts_total)}`} />
        {progress.tiles != null && <Figure label="Tiles" value={figures.count(progress.tiles)} />}
        {progress.input_pixels != null && <Figure label="Input" value={`${(progress.input_pixels / 1e6).toFixed(1)} Mpix`} />}
        {progress.points != null && <Figure label="Points" value={`${(progress.points / 1e6).toFixed(1)} million`} />}
        <Figure label="Rate" value={`${progress.rate.toFixed(1)} ${progress.rate_unit}`} />
        <Figure label="Elapsed" value={figures.duration(elapsed(execution))} />
        <Figure label="Time left" value={running ? (progress.time_left_s == null ? 'not known yet' : figures.duration(progress.time_left_s)) : '–'} />
      </dl>
      {progress.failures?.length > 0 && <ul class="error">{progress.failures.map(failure => <li key={failure}>{failure}</li>)}</ul>}
      <div class="levels">
        {!running && drawn === 0 ? progress.levels?.map(level => <p key={level.level} class="level"><b>Level {level.level}</b> <span class="quiet">{level.slabs_done} of {level.slabs_total} slabs</span></p>) : progress.levels?.map(level => <SlabCanvas key={level.level} level={level} field={fields.get(level.level)!} drawn={drawn} />)}
      </div>
      {progress.levels?.length > 0 && (running || drawn > 0) && (
        <p class="legend quiet"><i class="none" /> to do <i class="done" /> written <i class="empty" /> empty, not written</p>
      )}
      <h3>Log</h3>
      <Log lines={log} label="Log of the build" />
    </section>
  );
}
