/** Beside the slides: how far the reader is, what is known of the study, and what can be taken. */

import { root } from "../api/http";
import { day } from "../ui/format";
import { Icon } from "../ui/Icon";
import type { Known } from "./Study";
import { countMarks } from "./slides";
import { words } from "./words";

export function Aside({ known }: { known: Known }) {
  const { study, slides, rights, marks } = known;
  const { done } = countMarks(slides, marks);
  const percent = slides.length > 0 ? Math.floor((100 * done) / slides.length) : 0;
  return (
    <aside class="study-aside">
      {rights.canScore && slides.length > 0 && (
        <section class="panel-card">
          <h2>{words.yourPart}</h2>
          <p class="progress-line">
            <strong>{words.progress(done, slides.length)}</strong>
            <span>{percent} %</span>
          </p>
          <span class="progress-bar">
            <i style={{ width: `${percent}%` }} />
          </span>
        </section>
      )}
      <section class="panel-card">
        <h2>{words.facts}</h2>
        <dl>
          <div>
            <dt>{words.name}</dt>
            <dd>{study.name}</dd>
          </div>
          {study.folder && (
            <div>
              <dt>{words.folder}</dt>
              <dd>{study.folder}</dd>
            </div>
          )}
          <div>
            <dt>{words.publishedOn}</dt>
            <dd>{study.publishedOn ? day(study.publishedOn, new Date()) : words.draft}</dd>
          </div>
        </dl>
      </section>
      <Downloads known={known} />
    </aside>
  );
}

function Downloads({ known }: { known: Known }) {
  const { study, rights } = known;
  const results = `${root}/Api/DownloadResults?studyId=${study.id}`;
  const links: [string, string][] = rights.canGetResults
    ? [
        [words.resultsLong, `${results}&format=xlsx`],
        [words.resultsWide, `${results}&format=xlsx&shape=wide`],
        [`${words.resultsLong} (TSV)`, `${results}&format=tsv`],
      ]
    : [];
  links.push([words.qupath, `${root}/Api/DownloadQupathProject?studyId=${study.id}`]);
  return (
    <section class="panel-card">
      <h2>{words.downloads}</h2>
      <ul class="downloads">
        {links.map(([name, address]) => (
          <li key={name}>
            <a href={address} download="">
              <Icon name="download" />
              {name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
