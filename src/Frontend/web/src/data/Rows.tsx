import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { list } from '../api/client';
import { onChange } from '../parts/changes';
import { usePolling } from '../parts/usePolling';

interface Props<T> {
  title: string;
  path: string;
  sort?: string;
  /** Further terms of the query. */
  filter?: string;
  /** Said when the list is empty. */
  none: ComponentChildren;
  /** True for an entity that is about to change: the list is read more often. */
  busy(item: T): boolean;
  columns: string[];
  /** Positions of columns of figures. */
  numbers?: number[];
  cells(item: T): ComponentChildren[];
  details?(item: T, again: () => void): ComponentChildren;
  /** What stands above the table: forms that make new entities. */
  above?(again: () => void): ComponentChildren;
}

const pageSize = 20;

/** The id in the address: links of other pages open a row so. */
const addressed = () => location.hash.slice(1);

/** A list of entities as a table whose rows open. */
export function Rows<T extends { _id: string }>(props: Props<T>) {
  const [page, setPage] = useState(1);
  const [open, setOpen] = useState(addressed);
  useEffect(() => {
    const follow = () => setOpen(addressed());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const query = `${props.path}?page=${page}&limit=${pageSize}${props.sort ? `&sort=${props.sort}` : ''}${props.filter ? `&${props.filter}` : ''}`;
  const { value, error, again } = usePolling(query, signal => list<T>(query, signal), last => (last.items.some(props.busy) ? 2000 : 10000));
  useEffect(() => onChange(again), [query]);
  const title = `${props.title.toLowerCase().replaceAll(' ', '-')}-title`;
  const pages = Math.ceil((value?.total ?? 0) / pageSize);
  return (
    <section class="card" aria-labelledby={title}>
      <h2 id={title}>{props.title} {value && <span class="quiet">{value.total}</span>}</h2>
      <p class="error" role="alert">{error}</p>
      {props.above?.(again)}
      {!value && !error && <p class="quiet">Loading…</p>}
      {value?.total === 0 && <p class="quiet">{props.none}</p>}
      {value && value.items.length > 0 && (
        <div class="table-box">
          <table>
            <thead><tr>{props.columns.map((column, i) => <th key={column} scope="col" class={props.numbers?.includes(i) ? 'number' : ''}>{column}</th>)}</tr></thead>
            <tbody>
              {value.items.map(item => (
                <Fragment key={item._id}>
                  <tr>
                    {props.cells(item).map((cell, i) => (
                      <td key={i} class={props.numbers?.includes(i) ? 'number' : ''}>
                        {i === 0 && props.details
                          ? <button type="button" class="row-button" aria-expanded={open === item._id} onClick={() => setOpen(open === item._id ? '' : item._id)}>{cell}</button>
                          : cell}
                      </td>
                    ))}
                  </tr>
                  {open === item._id && props.details && <tr class="open"><td colSpan={props.columns.length}>{props.details(item, again)}</td></tr>}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 && (
        <p class="pager">
          <button type="button" class="plain" disabled={page === 1} onClick={() => setPage(page - 1)}>Previous</button>
          <span>Page {page} of {pages}</span>
          <button type="button" class="plain" disabled={page === pages} onClick={() => setPage(page + 1)}>Next</button>
        </p>
      )}
    </section>
  );
}
