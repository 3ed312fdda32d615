import type { Parameter as Described } from '../api/entities';
import { parameters } from './words';

/** The field of a parameter, by its JSON schema. Left as it is, the parameter is not sent and the server's default holds. */
export function Parameter({ of }: { of: Described }) {
  const [label, said] = parameters[of.name] ?? [of.name, ''];
  const hint = of.mandatory && said.startsWith('By default') ? '' : said;
  const foreign = parameters[of.name] ? undefined : of.description;
  const schema = of.constraints;
  const unset = of.default_value === undefined ? '' : `default: ${String(of.default_value)}`;
  const common = { name: `parameter.${of.name}`, required: of.mandatory };
  return (
    <label>
      <span>{label}</span>
      {schema.enum || schema.type === 'boolean' ? (
        <select {...common}>
          {!of.mandatory && <option value="">{unset || 'as the server chooses'}</option>}
          {(schema.enum ?? ['true', 'false']).map(value => <option key={value} value={value}>{schema.enum ? value : value === 'true' ? 'yes' : 'no'}</option>)}
        </select>
      ) : schema.type === 'integer' || schema.type === 'number' ? (
        <input {...common} placeholder={unset} type="number" min={schema.minimum} max={schema.maximum} step={schema.type === 'integer' ? 1 : 'any'} />
      ) : of.name === 'area' || of.name === 'harvest_area' ? (
        <textarea {...common} rows={2} placeholder="POLYGON((2.2 48.8, 2.4 48.8, 2.4 48.9, 2.2 48.8))" />
      ) : (
        <input {...common} placeholder={unset} maxLength={schema.maxLength} autocomplete="off" />
      )}
      {(hint || foreign) && <small class="quiet" lang={foreign ? 'fr' : undefined}>{hint || foreign}</small>}
    </label>
  );
}

/** What a form says of a parameter, as the API takes it; undefined when it says nothing. */
export function valueOf(form: FormData, { name, constraints: { type, items } }: Described): unknown {
  const text = String(form.get(`parameter.${name}`) ?? '').trim();
  if (text === '') return undefined;
  if (type === 'boolean') return text === 'true';
  if (type === 'integer' || type === 'number') return Number(text);
  if (type !== 'array') return text;
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  return items?.type === 'number' || items?.type === 'integer' ? parts.map(Number) : parts;
}
