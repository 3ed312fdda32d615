-- Processing executions with their inputs, stored data among them, and output as the REST API shows them, at their present state.
create or replace view catalogue.execution_shown as
select x.id, x.datastore, x.processing as processing_id, x.status, x.launch, x.start, x.finish, x.doc, x.creation, x.update,
  x.input_uploads, x.input_stored_data, x.output_upload, x.output_stored_data,
  jsonb_build_object(
    'upload', coalesce((
      select jsonb_agg(jsonb_build_object('_id', u.id, 'name', u.name, 'type', u.type, 'status', u.status, 'srs', u.srs,
        'creation', u.creation, 'update', u.update) order by array_position(x.input_uploads, u.id))
      from catalogue.upload u where u.id = any (x.input_uploads)), '[]'),
    'stored_data', coalesce((
      select jsonb_agg(jsonb_build_object('_id', s.id, 'name', s.name, 'type', s.type, 'status', s.status, 'srs', s.srs,
        'creation', s.creation, 'update', s.update) order by array_position(x.input_stored_data, s.id))
      from catalogue.stored_data s where s.id = any (x.input_stored_data)), '[]')) as inputs,
  case when x.output_stored_data is null then '{}'::jsonb else jsonb_build_object('stored_data', coalesce((
    select jsonb_build_object('_id', s.id, 'name', s.name, 'type', s.type, 'status', s.status)
    from catalogue.stored_data s where s.id = x.output_stored_data), jsonb_build_object('_id', x.output_stored_data))) end as output
from catalogue.processing_execution x;

-- "Which running executions read this stored data": asked before a version is deleted.
create index on catalogue.processing_execution using gin (input_stored_data) where status in ('WAITING', 'PROGRESS');
