/** Every key and what it does, in groups, from the table that the keyboard obeys. */

import { keySheet, type SheetLine } from "./keys";

export function KeyTable() {
  return (
    <div class="groups">
      {keySheet().map((group) => (
        <section key={group.title}>
          <h3>{group.title}</h3>
          <dl>
            {group.lines.map((line) => (
              <Line key={line.caps.join(" ")} line={line} />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Line({ line }: { line: SheetLine }) {
  return (
    <div>
      <dt>
        {line.caps.map((cap, index) => (
          <>
            {index > 0 && line.between ? <span>{line.between}</span> : null}
            <kbd>{cap}</kbd>
          </>
        ))}
      </dt>
      <dd>{line.does}</dd>
    </div>
  );
}
