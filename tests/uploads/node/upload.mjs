// Uploads a file with tus-js-client, retrying as a browser page would; prints the upload's URL.
// Usage: node upload.mjs <server> <api token> <upload token> <file> <streams> [deferred]
import { createReadStream, readFileSync, statSync } from "node:fs";
import { PassThrough } from "node:stream";
import * as tus from "tus-js-client";

const [server, apitoken, uploadtoken, path, streams, deferred] = process.argv.slice(2);
const parallelUploads = Number(streams);
const metadata = { apitoken, uploadtoken };
let told = 0;

function source() {
  if (deferred) {
    // A stream that knows its file would tell lengths wrongly: the client cannot defer those.
    return createReadStream(path).pipe(new PassThrough());
  }
  return parallelUploads > 1 ? readFileSync(path) : createReadStream(path);
}

const upload = new tus.Upload(source(), {
  endpoint: `${server}/files/`,
  metadata,
  metadataForPartialUploads: metadata,
  chunkSize: parallelUploads > 1 ? Number.POSITIVE_INFINITY : 1024 * 1024,
  parallelUploads,
  uploadSize: deferred || parallelUploads > 1 ? null : statSync(path).size,
  uploadLengthDeferred: Boolean(deferred),
  retryDelays: Array(60).fill(500),
  onProgress: (sent) => {
    if (told === 0 && sent > 3 * 1024 * 1024) {
      told = sent;
      console.log("midway");
    }
  },
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => {
    console.log(upload.url);
  },
});
upload.start();
