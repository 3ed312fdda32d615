// Figures as people read them.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function bytes(value: number | undefined): string {
  let rest = value ?? 0;
  let unit = 0;
  for (; rest >= 999.5 && unit < units.length - 1; unit++) rest /= 1000;
  return `${rest.toFixed(unit === 0 || rest >= 99.5 ? 0 : 1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export function date(value: string | undefined): string {
  return value ? dates.format(new Date(value)) : '';
}

export const count = (value: number): string => new Intl.NumberFormat('en-GB').format(value);
