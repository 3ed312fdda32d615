// Stands in for a Grid server: enough of the Entrepôt API and of a WMTS, from memory, to look at the pages and to try a delivery without the grid.
// Usage: node server.mjs [port] [folder of built pages]; prints the port. Account: demo / demo. STAND_IN_SECONDS: how long a build takes.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { operations } from './operations.mjs';
import { progress, slabs } from './pyramid.mjs';
import { addLayer, capabilities, tile } from './wmts.mjs';

const buildSeconds = Number(process.env.STAND_IN_SECONDS ?? 8);
const pages = process.argv[3];
const ago = minutes => new Date(Date.now() - minutes * 60000).toISOString();
const datastore = '7e1d0c7a-0000-4000-8000-000000000001';
const endpoint = { _id: 'ae032611-13eb-4a18-8d04-9b7604a031cc', name: 'Open WMTS and TMS', technical_name: 'wmts-tms', type: 'WMTS-TMS', open: true, urls: [] };
const processing = { _id: '2ae50661-986c-4f47-a3f0-e380417b522c', name: 'Calcul ou mise à jour de pyramide raster' };
const check = name => ({ _id: randomUUID(), check: { _id: randomUUID(), name } });
const line = (level, text) => `2026-07-24 00:12:00,863${level}||grid-checker||7||${text}`;

const logs = new Map();
const files = new Map();
const checks = new Map();
const uploads = [
  { _id: randomUUID(), name: 'vexin-2024', description: '', type: 'RASTER', status: 'CLOSED', srs: 'EPSG:2154', size: 300_123_456, creation: ago(90), tags: { datasheet_name: 'Vexin', producer: 'demo' } },
  { _id: randomUUID(), name: 'vexin-broken', description: '', type: 'RASTER', status: 'UNSTABLE', srs: 'EPSG:2154', size: 75_000_000, creation: ago(60), tags: {} },
];
for (const upload of uploads) {
  files.set(upload._id, new Map(['0650-6870', '0651-6870', '0650-6869', '0651-6869'].map(n => [`dalles/95-2024-${n}-LA93-0M20-E080.tif`, 75_000_000])));
  const passed = [check('Vérification standard')];
  const raster = check('Vérification raster');
  const failed = upload.status === 'UNSTABLE' ? [raster] : [];
  if (!failed.length) passed.push(raster);
  for (const each of [...passed, ...failed]) logs.set(each._id, [line('INFO', `${each.check.name}: 4 files`), line('INFO', 'the files agree')]);
  if (failed.length) logs.set(raster._id, [line('INFO', 'Vérification raster: 4 files'), line('WARNING', 'a gap of 12 pixels lies between two dalles'), line('ERROR', 'dalles/95-2024-0651-6870-LA93-0M20-E080.tif is truncated: block 12 of band 1 ends at byte 4 096 of 75 000; deliver the file again')]);
  checks.set(upload._id, { asked: [], in_progress: [], passed, failed });
}
const stored = (name, status, minutes) => ({
  _id: randomUUID(), name, description: '', type: 'ROK4-PYRAMID-RASTER', status, srs: 'EPSG:3857', size: status === 'GENERATED' ? 118_400_000 : 0, creation: ago(minutes), tags: {},
  type_infos: status === 'GENERATED' ? { tms: 'PM', levels: Array.from({ length: 18 }, (_, z) => String(z)), compression: 'JPG90', channels_number: 3, channels_format: 'UINT8' } : {} });
const storedData = [stored('vexin-2024', 'GENERATED', 80), stored('vexin-spare', 'GENERATED', 70), stored('vexin-2025', 'GENERATING', 0), stored('vexin-broken', 'UNSTABLE', 50)];
const execution = (output, status, minutes, upload) => ({
  _id: randomUUID(), processing, status, creation: ago(minutes), launch: ago(minutes), start: ago(minutes), ...(status === 'PROGRESS' ? {} : { finish: ago(minutes - 0.2) }),
  inputs: { upload: [{ _id: upload, name: 'vexin-2024' }], stored_data: [] }, output: { stored_data: { _id: output._id, name: output.name, status: output.status } }, parameters: { tms: 'PM', compression: 'jpg90', interpolation: 'bicubic' } });
const executions = [
  execution(storedData[2], 'PROGRESS', 0, uploads[0]._id),
  execution(storedData[0], 'SUCCESS', 80, uploads[0]._id),
  execution(storedData[3], 'FAILURE', 50, uploads[1]._id),
];
const configurations = [{ _id: randomUUID(), name: 'Vexin', type: 'WMTS-TMS', layer_name: 'ortho-vexin', status: 'PUBLISHED', type_infos: { used_data: [{ stored_data: storedData[0]._id }] } }];
const offerings = [offer(configurations[0])];

function offer(configuration) {
  return { _id: randomUUID(), type: 'WMTS-TMS', layer_name: configuration.layer_name, status: 'PUBLISHED', open: true, available: true,
    configuration: { _id: configuration._id, name: configuration.name }, endpoint: { _id: endpoint._id, name: endpoint.name }, urls: [{ type: 'WMTS', url: '/wmts' }, { type: 'TMS', url: `/tms/1.0.0/${configuration.layer_name}` }] };
}

function advance(run) {
  const seconds = (Date.now() - Date.parse(run.start ?? run.creation)) / 1000;
  if (run.status === 'PROGRESS' && seconds >= buildSeconds) {
    run.status = 'SUCCESS';
    run.finish = new Date(Date.parse(run.start) + buildSeconds * 1000).toISOString();
    const output = storedData.find(data => data._id === run.output.stored_data._id);
    Object.assign(output, stored(output.name, 'GENERATED', 0), { _id: output._id });
  }
  const share = { SUCCESS: 1, FAILURE: 0.4, ABORTED: 0.4, PROGRESS: Math.min(1, seconds / buildSeconds) }[run.status] ?? 0;
  return { share, seconds: run.finish ? (Date.parse(run.finish) - Date.parse(run.start)) / 1000 : seconds };
}

function tree(paths) {
  const root = [];
  for (const [path, size] of paths) {
    const parts = path.split('/');
    let nodes = root;
    parts.forEach((name, i) => {
      const last = i === parts.length - 1;
      let node = nodes.find(n => n.name === name);
      if (!node) nodes.push((node = last ? { type: 'FILE', name, size } : { type: 'DIRECTORY', name, size: 0, children: [] }));
      if (!last) node.size += size;
      nodes = node.children;
    });
  }
  return root;
}

const find = (entities, id) => entities.find(entity => entity._id === id) ?? fail(404, `no entity ${id}`);
const named = (entities, query) => entities.filter(e => ['name', 'status', 'layer_name', 'type'].every(key => !query.get(key) || !(key in e) || query.get(key).split(',').includes(e[key])));
function fail(status, ...sentences) {
  throw { status, body: { error: String(status), error_description: sentences } };
}

// [method, path below {D} with "*" for ids, what it answers]
const routes = [
  ['GET', '', () => ({ _id: datastore, name: 'Demo', technical_name: 'demo', active: true, endpoints: [{ use: 1, quota: 200, endpoint }] })],
  ['GET', 'uploads', (_, query) => named(uploads, query)],
  ['POST', 'uploads', (_, __, body) => {
    const upload = { _id: randomUUID(), ...body, status: 'OPEN', size: 0, creation: new Date().toISOString(), tags: {} };
    files.set(upload._id, new Map());
    checks.set(upload._id, { asked: [], in_progress: [], passed: [], failed: [] });
    uploads.unshift(upload);
    return upload;
  }],
  ['GET', 'uploads/*', ([id]) => find(uploads, id)],
  ['GET', 'uploads/*/tree', ([id]) => tree(files.get(id))],
  ['GET', 'uploads/*/checks', ([id]) => checks.get(id)],
  ['POST', 'uploads/*/data', ([id], query, _, file) => void files.get(id).set(query.get('path'), file.size)],
  ['POST', 'uploads/*/md5', () => undefined],
  ['DELETE', 'uploads/*/md5', () => fail(404, 'no such file')],
  ['POST', 'uploads/*/open', ([id]) => Object.assign(find(uploads, id), { status: 'OPEN' })],
  ['POST', 'uploads/*/close', ([id]) => {
    const upload = find(uploads, id);
    const run = check('Vérification standard');
    const state = checks.get(id);
    upload.status = 'CHECKING';
    upload.size = [...files.get(id).values()].reduce((sum, size) => sum + size, 0);
    state.in_progress = [run];
    state.failed = [];
    setTimeout(() => {
      const bad = [...files.get(id).keys()].find(path => path.includes('broken'));
      logs.set(run._id, [line('INFO', 'Vérification standard'), ...(bad ? [line('ERROR', `${bad} is broken: deliver it again`)] : [])]);
      state.in_progress = [];
      (bad ? state.failed : state.passed).push(run);
      upload.status = bad ? 'UNSTABLE' : 'CLOSED';
    }, 300);
    return upload;
  }],
  ['GET', 'checks/executions/*/logs', ([id]) => logs.get(id) ?? []],
  ['GET', 'processings', (_, query) => named([processing], query)],
  ['GET', 'processings/executions', (_, query) => named(executions, query).filter(e => !query.get('input_upload') || e.inputs.upload[0]._id === query.get('input_upload'))],
  ['POST', 'processings/executions', (_, __, body) => {
    const output = stored(body.output.stored_data.name, 'CREATED', 0);
    storedData.unshift(output);
    const run = { ...execution(output, 'CREATED', 0, body.inputs.upload[0]), parameters: body.parameters };
    delete run.finish;
    executions.unshift(run);
    return run;
  }],
  ['GET', 'processings/executions/*', ([id]) => (advance(find(executions, id)), find(executions, id))],
  ['POST', 'processings/executions/*/launch', ([id]) => Object.assign(find(executions, id), { status: 'PROGRESS', start: new Date().toISOString(), launch: new Date().toISOString() })],
  ['POST', 'processings/executions/*/abort', ([id]) => Object.assign(find(executions, id), { status: 'ABORTED', finish: new Date().toISOString() })],
  ['GET', 'processings/executions/*/progress', ([id]) => {
    const run = find(executions, id);
    const { share, seconds } = advance(run);
    return progress(share, seconds, run.status);
  }],
  ['GET', 'processings/executions/*/slabs', ([id], query) => slabs(advance(find(executions, id)).share, Number(query.get('from') ?? 0))],
  ['GET', 'processings/executions/*/logs', ([id]) => {
    const run = find(executions, id);
    const tenths = Math.floor(advance(run).share * 10);
    return [line('INFO', 'plan: 5 levels, 259 slabs'), ...Array.from({ length: tenths }, (_, i) => line('INFO', `${(i + 1) * 10} % of the slabs done`)),
      ...(run.status === 'FAILURE' ? [line('ERROR', 'slab 17/1043/706: 95-2024-0650-6870.tif cannot be read')] : [])];
  }],
  ['GET', 'stored_data', (_, query) => named(storedData, query)],
  ['GET', 'stored_data/*', ([id]) => find(storedData, id)],
  ['GET', 'configurations', (_, query) => named(configurations, query).filter(c => !query.get('stored_data') || c.type_infos.used_data.some(use => use.stored_data === query.get('stored_data')))],
  ['POST', 'configurations', (_, __, body) => {
    if (configurations.some(c => c.layer_name === body.layer_name)) fail(409, `the layer name ${body.layer_name} is taken`);
    configurations.unshift({ _id: randomUUID(), ...body, status: 'UNPUBLISHED' });
    return configurations[0];
  }],
  ['GET', 'configurations/*', ([id]) => find(configurations, id)],
  ['GET', 'configurations/*/offerings', ([id]) => offerings.filter(o => o.configuration._id === id)],
  ['POST', 'configurations/*/offerings', ([id]) => {
    const configuration = find(configurations, id);
    configuration.status = 'PUBLISHED';
    offerings.unshift(offer(configuration));
    addLayer(configuration.layer_name, configuration.type_infos.title);
    return offerings[0];
  }],
  ['GET', 'offerings', (_, query) => named(offerings, query)],
  ['GET', 'offerings/*', ([id]) => find(offerings, id)],
].map(([method, path, answer]) => ({ method, parts: path.split('/'), answer }));

function api(method, path, query, body, file) {
  if (path === 'users/me') {
    return { _id: randomUUID(), communities_member: [{ rights: ['COMMUNITY', 'UPLOAD', 'PROCESSING', 'BROADCAST', 'ANNEX'], community: { _id: randomUUID(), name: 'Demo', technical_name: 'demo', datastore } }] };
  }
  if (path === 'operations') return operations();
  const prefix = `datastores/${datastore}`;
  if (!path.startsWith(prefix)) fail(404, `nothing at ${path}`);
  const parts = path.slice(prefix.length + 1).split('/');
  const route = routes.find(r => r.method === method && r.parts.length === parts.length && r.parts.every((part, i) => part === '*' || part === parts[i]))
    ?? fail(404, `no route ${method} ${path}`);
  return route.answer(parts.filter((_, i) => route.parts[i] === '*'), query, body, file);
}

/** Reads a body; of a multipart one only the size of its file is kept. */
async function read(request) {
  const multipart = /boundary=(.*)/.exec(request.headers['content-type'] ?? '')?.[1];
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  if (!multipart) return { text: whole.toString() };
  const start = whole.indexOf('\r\n\r\n') + 4;
  const end = whole.lastIndexOf(`\r\n--${multipart}--`);
  return { text: '', file: { size: end - start, md5: createHash('md5').update(whole.subarray(start, end)).digest('hex') } };
}

const token = randomUUID();
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

async function respond(request, response) {
  const url = new URL(request.url, 'http://stand.in');
  const send = (status, type, content, headers = {}) => response.writeHead(status, { 'Content-Type': type, ...headers }).end(content);
  const json = (status, value, headers) => send(status, 'application/json', value === undefined ? '' : JSON.stringify(value), headers);
  const { text, file } = await read(request);
  if (url.pathname === '/health/ready') return json(200, { status: 'ready' });
  if (url.pathname.endsWith('/openid-connect/token')) {
    const form = new URLSearchParams(text);
    return form.get('username') === 'demo' && form.get('password') === 'demo'
      ? json(200, { access_token: token, expires_in: 3600, token_type: 'Bearer' })
      : json(401, { error: 'invalid_grant', error_description: 'Invalid user credentials' });
  }
  if (url.pathname === '/wmts') {
    const query = new URLSearchParams([...url.searchParams].map(([key, value]) => [key.toLowerCase(), value]));
    if (query.get('request') === 'GetCapabilities') return send(200, 'application/xml', capabilities(process.env.STAND_IN_HOST ?? request.headers.host));
    const image = tile(query);
    return image ? send(200, 'image/jpeg', image) : send(404, 'text/xml', '<ExceptionReport/>');
  }
  if (url.pathname.startsWith('/api/')) {
    if (request.headers.authorization !== `Bearer ${token}`) return json(401, { error: 'unauthorized', error_description: ['no token'] });
    const answer = api(request.method, url.pathname.slice(5), url.searchParams, text ? JSON.parse(text) : undefined, file);
    if (!Array.isArray(answer)) return answer === undefined ? response.writeHead(204).end() : json(request.method === 'POST' ? 201 : 200, answer);
    const limit = Number(url.searchParams.get('limit') ?? 1000);
    const first = (Number(url.searchParams.get('page') ?? 1) - 1) * limit;
    return json(200, answer.slice(first, first + limit), { 'Content-Range': `${first}-${Math.min(first + limit, answer.length) - 1}/${answer.length}` });
  }
  const name = normalize(url.pathname === '/' ? '/index.html' : extname(url.pathname) ? url.pathname : `${url.pathname}.html`);
  if (pages && existsSync(join(pages, name))) {
    response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'text/plain' });
    return createReadStream(join(pages, name)).pipe(response);
  }
  return send(404, 'text/plain', 'not found');
}

const server = createServer((request, response) => respond(request, response).catch(error =>
  response.writeHead(error.status ?? 500, { 'Content-Type': 'application/json' }).end(JSON.stringify(error.body ?? { error: '500', error_description: [String(error)] }))));
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(server.address().port));
