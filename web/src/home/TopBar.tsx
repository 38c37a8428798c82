/** The top bar: the product, the search and the person. */

import { useEffect, useRef } from "preact/hooks";
import { root } from "../api/http";
import { Icon, Logo } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { PersonMenu } from "../ui/PersonMenu";
import { words } from "../ui/words";

export function TopBar({ query, onSearch }: { query: string; onSearch: (wanted: string) => void }) {
  return (
    <header class="top">
      <a class="logo" href={`${root}/`}>
        <Logo />
        {words.product}
      </a>
      <Search query={query} onSearch={onSearch} />
      <PersonMenu />
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
