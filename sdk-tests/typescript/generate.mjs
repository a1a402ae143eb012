// Makes the client's types: `node generate.mjs OPENAPI_YAML TYPES`. Bytes are blobs, which the command line of
// openapi-typescript cannot be told.

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [document, types] = process.argv.slice(2);
const BLOB = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier('Blob'));
const nodes = await openapiTypescript(pathToFileURL(document), {
  transform: (schema) => (schema.format === 'binary' ? BLOB : undefined),
});
writeFileSync(types, astToString(nodes));
