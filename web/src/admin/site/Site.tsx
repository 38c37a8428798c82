/** Which of the pages the address names. */

import { root } from "../../api/http";
import { Icon } from "../../ui/Icon";
import { PageBar } from "../../ui/PageBar";
import { person } from "../../ui/person";
import { words as common } from "../../ui/words";
import { Audit } from "./Audit";
import { People } from "./People";
import { Preferences } from "./Preferences";
import { Renew } from "./Renew";
import { Tokens } from "./Tokens";
import { words } from "./words";

type Page = "preferences" | "tokens" | "people" | "audit" | "renew";

const FOR_ADMINISTRATORS: readonly Page[] = ["people", "audit"];

export function Site() {
  const path = location.pathname.slice(root.length).toLowerCase();
  const page = pageOf(path);
  document.title = common.title(words[page].title);
  const isAllowed = !FOR_ADMINISTRATORS.includes(page) || person.isAdmin;
  return (
    <>
      <PageBar
        crumbs={[
          { name: words.studies, address: `${root}/` },
          { name: words[page].title, address: null },
        ]}
      />
      <main class="site">
        {!isAllowed && <Forbidden />}
        {isAllowed && page === "tokens" && <Tokens startsNew={path.endsWith("/createtoken")} />}
        {page === "renew" && <Renew />}
        {page === "preferences" && <Preferences />}
        {isAllowed && page === "people" && <People />}
        {isAllowed && page === "audit" && <Audit />}
      </main>
    </>
  );
}

function Forbidden() {
  return (
    <section class="empty">
      <Icon name="lock" />
      <h1>{words.forbidden}</h1>
      <p>{words.forbiddenMore(person.email)}</p>
      <a class="button" href={`${root}/`}>
        {words.toStudies}
      </a>
    </section>
  );
}

function pageOf(path: string): Page {
  if (path.endsWith("/users")) return "people";
  if (path.endsWith("/audit")) return "audit";
  if (path.endsWith("/preferences")) return "preferences";
  return path.endsWith("/renewproject") ? "renew" : "tokens";
}
