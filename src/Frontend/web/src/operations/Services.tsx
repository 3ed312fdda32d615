import { useState } from 'preact/hooks';
import { put } from '../api/client';
import type { Service } from './entities';

/** The services that the public calls, each with its switch. */
export function Services({ services, changed }: { services: Service[]; changed: () => void }) {
  const [refusal, setRefusal] = useState('');
  const turn = async (service: Service) => {
    const off = service.enabled;
    if (off && !confirm(`Switch ${service.title} off? Everyone who asks for ${service.path} is answered 503 until it is on again.`)) return;
    try {
      await put(`operations/services/${service.service}`, { enabled: !off });
      setRefusal('');
      changed();
    } catch (failure) {
      setRefusal((failure as Error).message);
    }
  };
  return (
    <section class="card" aria-labelledby="services-title">
      <h2 id="services-title">Services</h2>
      <p class="error" role="alert">{refusal}</p>
      <table>
        <thead><tr><th scope="col">Service</th><th scope="col">At</th><th scope="col">State</th><th scope="col">Switch</th></tr></thead>
        <tbody>
          {services.map(service => (
            <tr key={service.service}>
              <th scope="row">{service.title}</th><td>{service.path}</td>
              <td>{service.enabled ? 'on' : service.offered ? 'switched off' : 'off by the settings'}</td>
              <td>
                <button type="button" class="plain" disabled={!service.offered} aria-label={`${service.title}: switch ${service.enabled ? 'off' : 'on'}`} onClick={() => turn(service)}>
                  {service.enabled ? 'Switch off' : 'Switch on'}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
