import { useEffect, useRef } from 'preact/hooks';

// Log lines of the API: "2026-07-24 00:12:00,863INFO||name||7||message".
const form = /^(\d{4}-\d\d-\d\d )(\d\d:\d\d:\d\d)[,.]\d+\s*([A-Z]+)\|\|[^|]*\|\|[^|]*\|\|(.*)$/s;

function Line({ text }: { text: string }) {
  const parts = form.exec(text);
  if (!parts) return <li>{text}</li>;
  const level = parts[3]!;
  const tone = level === 'ERROR' || level === 'CRITICAL' ? 'bad' : level.startsWith('WARN') ? 'warn' : '';
  return (
    <li class={tone}>
      <time>{parts[2]}</time> {tone && <b>{level.toLowerCase()}</b>} {parts[4]}
    </li>
  );
}

/** A log that follows its end, unless the reader scrolled up. */
export function Log({ lines, label }: { lines: string[]; label: string }) {
  const box = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length]);
  const watch = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    atEnd.current = scrollTop + clientHeight > scrollHeight - 8;
  };
  return lines.length === 0
    ? <p class="quiet">No line yet.</p>
    : <ol class="log" ref={box} onScroll={watch} tabIndex={0} aria-label={label}>{lines.map((line, i) => <Line key={i} text={line} />)}</ol>;
}
