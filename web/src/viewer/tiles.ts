/** One slide as OpenSeadragon sees it: where its tiles are, and how a tile is fetched. */

import OpenSeadragon from "openseadragon";
import { Failure } from "../api/http";
import { fetchPicture, type SlideFacts, type TileGrant, tilePath } from "../api/pixels";

/** Gives the present right to the slide's tiles, or a new one in place of one that lapsed. */
export interface GrantSource {
  current(): Promise<TileGrant>;
  renew(lapsed: TileGrant): Promise<TileGrant>;
}

// Foreseen tiles that nobody asked for yet; each is some 256 KB of decoded pixels.
const MOST_FORESEEN = 160;

/** Tiles that the drawer may read back; the address is made when a tile is fetched. */
export class SlideTileSource extends OpenSeadragon.TileSource {
  // Counted, for random identities exist only on pages that came over https.
  static #made = 0;
  readonly #identity = ++SlideTileSource.#made;
  readonly #grants: GrantSource;
  /** Pictures fetched before they are asked for, and those that were handed out once. */
  readonly #foreseen = new Map<string, Promise<HTMLImageElement>>();
  readonly #asked = new Set<string>();

  constructor(facts: SlideFacts, grants: GrantSource) {
    super({
      width: facts.width,
      height: facts.height,
      tileSize: facts.tileSize,
      tileOverlap: 0,
      minLevel: Math.min(8, facts.maxLevel),
      maxLevel: facts.maxLevel,
    });
    this.#grants = grants;
  }

  override getTileUrl(level: number, x: number, y: number): string {
    return `${level}/${x}/${y}`;
  }

  override getTileHashKey(level: number, x: number, y: number): string {
    // Two slides have a tile 10/0/0: the cache must not take one for the other.
    return `${this.#identity}/${level}/${x}/${y}`;
  }

  override downloadTileStart(job: OpenSeadragon.ImageJob): void {
    const abort = new AbortController();
    job.userData.abort = abort;
    this.#asked.add(job.src);
    const foreseen = this.#foreseen.get(job.src);
    this.#foreseen.delete(job.src);
    const fetch = () => this.#fetch(job.src, abort.signal);
    (foreseen ? foreseen.catch(fetch) : fetch()).then(
      (image) => job.finish(image, null, "image"),
      (error: unknown) => {
        if (!abort.signal.aborted) job.fail(error instanceof Error ? error.message : "", null);
      },
    );
  }

  override downloadTileAbort(job: OpenSeadragon.ImageJob): void {
    this.#asked.delete(job.src);
    (job.userData.abort as AbortController | undefined)?.abort();
  }

  /** Fetch a tile before it is asked for; null where it is here, or was here once. */
  foresee(name: string): Promise<unknown> | null {
    if (this.#asked.has(name) || this.#foreseen.has(name)) return null;
    const picture = this.#fetch(name);
    this.#foreseen.set(name, picture);
    const [oldest] = this.#foreseen.keys();
    if (this.#foreseen.size > MOST_FORESEEN && oldest) this.#foreseen.delete(oldest);
    // Whoever asks for it in earnest is told what is wrong.
    return picture.catch(() => this.#foreseen.delete(name));
  }

  async #fetch(address: string, signal?: AbortSignal): Promise<HTMLImageElement> {
    const [level = 0, column = 0, row = 0] = address.split("/").map(Number);
    const grant = await this.#grants.current();
    try {
      return await fetchPicture(tilePath(grant, level, column, row), signal);
    } catch (error) {
      // 503 is how the server says that the right to tiles has lapsed; 401, in a session that holds,
      // may mean that the right is of the session before; 404, that the slide is gone. Asking for a new
      // right, once, tells.
      const isLapsed =
        error instanceof Failure &&
        (error.status === 503 || error.kind === "rights" || error.kind === "missing");
      if (!isLapsed) throw error;
      const renewed = await this.#grants.renew(grant);
      return fetchPicture(tilePath(renewed, level, column, row), signal);
    }
  }
}
