/** The top bar: the product, the search and the person. */

import { useEffect, useRef } from "preact/hooks";
import { root } from "../api/http";
import { Icon, Logo } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { initials, person } from "../ui/person";
import { words } from "../ui/words";

export function TopBar({ query, onSearch }: { query: string; onSearch: (wanted: string) => void }) {
  return (
    <header class="top">
      <a class="logo" href={`${root}/`}>
        <Logo />
        {words.product}
      </a>
      <Search query={query} onSearch={onSearch} />
      <Person />
    </header>
  );
}

function Search({ query, onSearch }: { query: string; onSearch: (wanted: string) => void }) {
  const said = words.home;
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches("input");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);

  return (
    <search class="search">
      <Icon name="search" small />
      <input
        type="search"
        ref={field}
        placeholder={said.search}
        aria-label={said.searchLabel}
        value={query}
        onInput={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onSearch("");
        }}
      />
      {query ? (
        <IconButton icon="close" name={said.clear} class="small" onClick={() => onSearch("")} />
      ) : (
        <span class="cap" aria-hidden="true">
          /
        </span>
      )}
    </search>
  );
}

function Person() {
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
