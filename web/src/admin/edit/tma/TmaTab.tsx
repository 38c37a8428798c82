/** The tab "TMA maps": which sample each core is, and where the cores lie on slides. */

import { useEffect, useMemo } from "preact/hooks";
import { Icon } from "../../../ui/Icon";
import type { TabProps } from "../Edit";
import { useLeaveGuard } from "../guard";
import { MapEditor } from "./MapEditor";
import { MapList } from "./MapList";
import { MapSlides } from "./MapSlides";
import { mapDeskOf } from "./mapdesk";
import { words } from "./words";

export function TmaTab({ studio, setup }: TabProps) {
  const desk = useMemo(() => mapDeskOf(studio), [studio]);
  useEffect(() => void desk.load(), [desk]);
  useLeaveGuard(() => desk.drafts.value.size > 0);

  if (desk.trouble.value) {
    return (
      <p class="banner" data-kind="bad" role="alert">
        <Icon name="warning" /> <span>{desk.trouble.value}</span>
      </p>
    );
  }
  if (!desk.stored.value) return <p class="empty-line">{words.loading}</p>;
  const map = desk.shown.value;
  return (
    <div class="tma-shell">
      <MapList desk={desk} setup={setup} />
      {!map && (
        <section class="empty">
          <Icon name="slides" />
          <h2>{words.noMap}</h2>
          <p>{words.noMapMore}</p>
        </section>
      )}
      {map && (
        <>
          <MapEditor key={map.name} desk={desk} map={map} />
          <MapSlides key={`slides of ${map.name}`} desk={desk} setup={setup} map={map} />
        </>
      )}
    </div>
  );
}
