/** An entity's tags. */
export function Tags({ of: tags }: { of: Record<string, string> | undefined }) {
  const entries = Object.entries(tags ?? {});
  return entries.length === 0 ? null : <ul class="tags">{entries.map(([key, value]) => <li key={key} title={`${key}: ${value}`}>{key}: {value}</li>)}</ul>;
}
