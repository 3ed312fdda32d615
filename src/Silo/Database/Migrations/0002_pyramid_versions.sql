-- Versions of stored pyramids, written by the grain of their stored data. Each build makes one under its own key prefix; its objects are deleted
-- once it is neither current nor shown by a published layer; the row stays, so that no prefix is ever used twice.
create table catalogue.pyramid_version (
  stored_data uuid not null,
  version int not null,
  execution uuid not null,
  status text not null check (status in ('building', 'current', 'former', 'removing', 'removed')),
  storage_prefix text not null unique,
  -- What the finished pyramid is; null while it is being built.
  doc jsonb,
  -- Since when the version has had its status.
  since timestamptz not null,
  primary key (stored_data, version),
  unique (stored_data, execution)
);

-- "Which published layers show this prefix": asked before a version is deleted.
create index on catalogue.published_layer using gin ((doc -> 'pyramids') jsonb_path_ops);

-- "Which configurations use this stored data": a filter of lists, and asked before a deletion.
create index on catalogue.configuration using gin (used_data);

-- Stored data as the REST API sees them: a deleted one is gone, though its objects may still be on their way out.
create view catalogue.live_stored_data as select * from catalogue.stored_data where status <> 'DELETED';

-- Offerings with the configuration and the endpoint as the REST API shows them.
create view catalogue.offering_shown as
select o.id, o.datastore, o.type, o.layer_name, o.status, o.open, o.available, o.doc, o.creation, o.update,
  jsonb_build_object('_id', c.id, 'name', c.name, 'status', c.status) as configuration,
  jsonb_build_object('_id', e.id, 'name', e.name, 'technical_name', e.technical_name) as endpoint,
  c.used_data, o.configuration as configuration_id, o.endpoint as endpoint_id
from catalogue.offering o
join catalogue.configuration c on c.id = o.configuration
left join catalogue.endpoint e on e.id = o.endpoint;

-- Processing executions with their inputs and output as the REST API shows them, at their present state.
create view catalogue.execution_shown as
select x.id, x.datastore, x.processing as processing_id, x.status, x.launch, x.start, x.finish, x.doc, x.creation, x.update,
  x.input_uploads, x.input_stored_data, x.output_upload, x.output_stored_data,
  jsonb_build_object(
    'upload', coalesce((
      select jsonb_agg(jsonb_build_object('_id', u.id, 'name', u.name, 'type', u.type, 'status', u.status, 'srs', u.srs,
        'creation', u.creation, 'update', u.update) order by array_position(x.input_uploads, u.id))
      from catalogue.upload u where u.id = any (x.input_uploads)), '[]'),
    'stored_data', '[]'::jsonb) as inputs,
  case when x.output_stored_data is null then '{}'::jsonb else jsonb_build_object('stored_data', coalesce((
    select jsonb_build_object('_id', s.id, 'name', s.name, 'type', s.type, 'status', s.status)
    from catalogue.stored_data s where s.id = x.output_stored_data), jsonb_build_object('_id', x.output_stored_data))) end as output
from catalogue.processing_execution x;
