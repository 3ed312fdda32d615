import * as figures from '../parts/figures';
import { forget, sendAgain, stop, useSendings, type Sending } from './sending';

const words = { sending: 'sending', waiting: 'waiting', failed: 'failed', stopped: 'stopped', done: 'sent' };

function left(sending: Sending): string {
  const rate = sending.bytesSent / Math.max(0.5, (Date.now() - sending.began) / 1000);
  return sending.state !== 'sending' || rate < 1 ? '' : ` · ${figures.bytes(rate)}/s · ${figures.duration((sending.bytes - sending.bytesDone) / rate)} left`;
}

function Row({ sending }: { sending: Sending }) {
  const running = sending.state === 'sending' || sending.state === 'waiting';
  const share = sending.bytes > 0 ? sending.bytesDone / sending.bytes : sending.files > 0 ? sending.filesDone / sending.files : 1;
  return (
    <li>
      <div class="sending-head">
        <b>{sending.name}</b> <span class={`status ${{ failed: 'bad', done: 'good' }[sending.state as string] ?? 'busy'}`}>{words[sending.state]}</span>
        {running && <button type="button" class="plain" onClick={() => stop(sending)} aria-label={`Stop sending ${sending.name}`}>Stop</button>}
        {(sending.state === 'failed' || sending.state === 'stopped') && <button type="button" class="plain" onClick={() => sendAgain(sending)} aria-label={`Send ${sending.name} again`}>Send the rest</button>}
        {!running && <button type="button" class="plain" onClick={() => forget(sending)} aria-label={`Hide ${sending.name}`}>Hide</button>}
      </div>
      <progress max={1} value={share} aria-label={`Share of ${sending.name} sent`} />
      <p class="quiet">
        {figures.count(sending.filesDone)} of {figures.count(sending.files)} files · {figures.bytes(sending.bytesDone)} of {figures.bytes(sending.bytes)}{left(sending)}
      </p>
      <p class={sending.state === 'failed' ? 'error' : ''} role="status">{sending.note}</p>
    </li>
  );
}

/** What this tab sends, and what it has sent. */
export function Sendings() {
  const sendings = useSendings();
  return sendings.length === 0 ? null : (
    <section class="card" aria-labelledby="sendings-title">
      <h2 id="sendings-title">Sending</h2>
      <ul class="sendings">{sendings.map(sending => <Row key={sending.upload} sending={sending} />)}</ul>
      {sendings.some(({ state }) => state === 'sending' || state === 'waiting') && <p class="quiet">It goes on while this page stays open. After that, open the upload below and choose the same files again: only what is missing is sent.</p>}
    </section>
  );
}
