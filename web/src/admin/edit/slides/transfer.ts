/** One file over tus: goes on by itself when the connection comes back. */

import { Failure, root } from "../../../api/http";
import { fingerprintOf } from "./fingerprint";

export interface Transfer {
  stop: () => void;
}

interface Wanted {
  file: File;
  token: string;
  /** Where bytes went before; empty: from the beginning. */
  url: string;
  onBegun: (url: string) => void;
  onProgress: (sent: number) => void;
  onLost: () => void;
  onDone: (url: string) => void;
  onFailed: (error: Failure) => void;
  onStopped: () => void;
}

const RETRIES_MS = [500, 1000, 2000, 4000, 8000];
const AGAIN_MS = 15_000;
/** What passes: another request still holds the upload, the disk is full, the server restarts. */
const PASSING = new Set([0, 408, 409, 423, 429, 460, 500, 502, 503, 504, 507]);

/** Begin, or go on with, sending a file; the protocol is fetched when it is first needed. */
export function transfer(wanted: Wanted): Transfer {
  let isStopped = false;
  let stopSending = () => {};
  const begin = async () => {
    const [{ Upload }, fingerprint] = await Promise.all([
      import("tus-js-client"),
      fingerprintOf(wanted.file),
    ]);
    if (isStopped) return;
    let url = wanted.url;
    const upload = new Upload(wanted.file, {
      endpoint: `${root}/files/`,
      ...(wanted.url ? { uploadUrl: wanted.url } : {}),
      metadata: { uploadtoken: wanted.token, filename: wanted.file.name, fingerprint },
      retryDelays: RETRIES_MS,
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => {
        url = upload.url ?? url;
        wanted.onBegun(url);
      },
      onShouldRetry: (error) => {
        const isPassing = PASSING.has(statusOf(error));
        if (isPassing && !isStopped) wanted.onLost();
        return isPassing && !isStopped;
      },
      onProgress: (sent) => {
        if (!isStopped) wanted.onProgress(sent);
      },
      onSuccess: () => wanted.onDone(url),
      onError: (error) => {
        if (isStopped) return;
        if (PASSING.has(statusOf(error))) {
          wanted.onLost();
          const timer = setTimeout(() => upload.start(), AGAIN_MS);
          stopSending = () => clearTimeout(timer);
          return;
        }
        wanted.onFailed(failureOf(error));
      },
    });
    stopSending = () => void upload.abort();
    upload.start();
  };
  begin().catch(() => wanted.onFailed(new Failure("network", "")));
  return {
    stop: () => {
      isStopped = true;
      stopSending();
      wanted.onStopped();
    },
  };
}

function statusOf(error: unknown): number {
  return responseOf(error)?.getStatus() ?? 0;
}

function failureOf(error: unknown): Failure {
  const body = responseOf(error)?.getBody() ?? "";
  const status = statusOf(error);
  return new Failure(status === 401 ? "rights" : "refused", sentenceOf(body), status);
}

function sentenceOf(body: string): string {
  try {
    const told = JSON.parse(body) as { error?: unknown };
    return typeof told.error === "string" ? told.error : "";
  } catch {
    return body.slice(0, 300);
  }
}

interface Answered {
  getStatus: () => number;
  getBody: () => string;
}

function responseOf(error: unknown): Answered | null {
  const found = (error as { originalResponse?: Answered | null }).originalResponse;
  return found ?? null;
}
