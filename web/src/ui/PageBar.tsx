/** The top bar of pages beside the studies and the viewer: the product, where we are, the person. */

import { root } from "../api/http";
import { Logo } from "./Icon";
import { PersonMenu } from "./PersonMenu";
import { words } from "./words";

export interface Crumb {
  name: string;
  /** Where it leads; null for the page itself. */
  address: string | null;
}

export function PageBar({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <header class="top">
      <a class="logo" href={`${root}/`}>
        <Logo />
        {words.product}
      </a>
      <nav class="crumbs" aria-label={words.home.crumbs}>
        {crumbs.map(({ name, address }) => (
          <span key={name} class="crumb clip">
            <span class="slash" aria-hidden="true">
              /
            </span>
            {address === null ? <b aria-current="page">{name}</b> : <a href={address}>{name}</a>}
          </span>
        ))}
      </nav>
      <PersonMenu />
    </header>
  );
}
