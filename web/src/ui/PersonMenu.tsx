/** Who is signed in, their own pages, and the way out. */

import { root } from "../api/http";
import { Icon } from "./Icon";
import { initials, person } from "./person";
import { words } from "./words";

export function PersonMenu() {
  const said = words.home;
  return (
    <div class="person">
      <button
        type="button"
        class="avatar"
        popovertarget="person-menu"
        aria-label={`${said.person}, ${person.email}`}
        title={person.email}
        data-initials={initials(person.email)}
      />
      <div id="person-menu" class="menu" popover="auto">
        <p>
          <span class="aside">{said.signedInAs}</span>
          <b class="clip">{person.email}</b>
          {person.isAdmin && <span class="tag">{said.administrator}</span>}
        </p>
        <nav aria-label={said.ownPages}>
          <a class="button quiet" href={`${root}/Account/Preferences`}>
            <Icon name="gear" />
            {said.preferences}
          </a>
          <a class="button quiet" href={`${root}/Admin/Tokens`}>
            <Icon name="key" />
            {said.tokens}
          </a>
          <a class="button quiet" href={`${root}/Uploads`}>
            <Icon name="upload" />
            {said.uploads}
          </a>
          {person.isAdmin && (
            <>
              <a class="button quiet" href={`${root}/Admin/Users`}>
                <Icon name="people" />
                {said.people}
              </a>
              <a class="button quiet" href={`${root}/Admin/Audit`}>
                <Icon name="trail" />
                {said.audit}
              </a>
            </>
          )}
        </nav>
        <form method="post" action={`${root}/Account/Logout`}>
          <button type="submit" class="button quiet">
            <Icon name="leave" />
            {said.signOut}
          </button>
        </form>
      </div>
    </div>
  );
}
