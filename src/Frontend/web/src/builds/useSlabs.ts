import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/client';
import type { FinishedSlabs, LevelProgress } from '../api/entities';
import { SlabField } from './SlabCanvas';

/** Reads the journal of finished slabs from where it stopped, each time the number of finished slabs changes. */
export function useSlabs(path: string, levels: LevelProgress[], slabsDone: number) {
  const fields = useRef(new Map<string, SlabField>());
  const next = useRef(0);
  const reading = useRef(false);
  const wanted = useRef(0);
  const [drawn, setDrawn] = useState(0);
  wanted.current = slabsDone;

  useEffect(() => {
    fields.current = new Map();
    next.current = 0;
  }, [path]);

  for (const level of levels) if (!fields.current.has(level.level)) fields.current.set(level.level, new SlabField(level));

  useEffect(() => {
    if (reading.current || levels.length === 0) return;
    reading.current = true;
    const abort = new AbortController();
    const read = async () => {
      // A page at a time: a build of millions of slabs has a long journal.
      for (let pages = 0; next.current < wanted.current && pages < 1000; pages++) {
        const page = await get<FinishedSlabs>(`${path}/slabs?from=${next.current}`, abort.signal);
        if (page.next <= next.current) break;
        for (const [level, col, row, tiles] of page.slabs) fields.current.get(level)?.add(col, row, tiles);
        next.current = page.next;
        setDrawn(page.next);
      }
    };
    read().catch(() => {}).finally(() => (reading.current = false));
  }, [path, slabsDone, levels.length]);

  return { fields: fields.current, drawn };
}
