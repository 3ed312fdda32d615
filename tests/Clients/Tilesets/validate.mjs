// Prints what Khronos' validator finds in glTF files: a line of JSON for all.
import { readFileSync } from 'node:fs';
import validator from 'gltf-validator';

const found = [];
for (const file of process.argv.slice(2)) {
  const { issues } = await validator.validateBytes(new Uint8Array(readFileSync(file)));
  found.push(...issues.messages.filter(({ severity }) => severity < 2).map(message => ({ file, ...message })));
}
console.log(JSON.stringify({ files: process.argv.length - 2, found }));
