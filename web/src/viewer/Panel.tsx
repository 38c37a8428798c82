/** The panel at the right: navigator, facts of the slide and the list of slides. */

import { ShapesTab } from "../drawing/ShapesTab";
import { History } from "../scoring/History";
import { SheetPanel } from "../scoring/SheetPanel";
import { signInAddress } from "../ui/failure";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import type { Desk, PanelTab } from "./desk";
import { Facts } from "./Facts";
import { Navigator } from "./Navigator";
import { SlideList } from "./SlideList";

export function Panel({ desk }: { desk: Desk }) {
  const hasList = desk.isInStudy;
  const tab = hasList ? desk.tab.value : "slide";
  return (
    <aside class="panel" aria-label={words.viewer.panel} data-part>
      <Navigator desk={desk} />
      <div class="sheet">
        {hasList && <Tabs desk={desk} chosen={tab} />}
        {hasList ? (
          <div class="tab-body" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            <TabBody desk={desk} tab={tab} />
          </div>
        ) : (
          <div class="scroll">
            <Facts desk={desk} />
          </div>
        )}
      </div>
      {desk.isSessionOver.value && <SessionOver />}
      <div class="toast-place" role="status">
        {desk.toast.value && <p class="toast">{desk.toast}</p>}
      </div>
    </aside>
  );
}

function TabBody({ desk, tab }: { desk: Desk; tab: PanelTab }) {
  if (tab === "score") {
    return <SheetPanel sheet={desk.sheet} slideCount={desk.reading.slides.value.length} />;
  }
  return (
    <div class="scroll">
      {tab === "shapes" && <ShapesTab desk={desk} />}
      {tab === "slide" && <Facts desk={desk} />}
      {tab === "history" && <History sheet={desk.sheet} />}
      {tab === "list" && <SlideList desk={desk} />}
    </div>
  );
}

function SessionOver() {
  return (
    <section class="notice" role="alert">
      <Icon name="warning" />
      <p>{words.failure.session}</p>
      <a class="button primary" href={signInAddress()}>
        {words.failure.signIn}
      </a>
    </section>
  );
}

const TABS: readonly PanelTab[] = ["score", "shapes", "history", "slide", "list"];

function Tabs({ desk, chosen }: { desk: Desk; chosen: PanelTab }) {
  return (
    <div class="tabs" role="tablist" aria-label={words.viewer.panel}>
      {TABS.map((tab) => (
        <button
          type="button"
          role="tab"
          key={tab}
          id={`tab-${tab}`}
          aria-selected={tab === chosen}
          tabIndex={tab === chosen ? 0 : -1}
          onClick={() => {
            desk.tab.value = tab;
          }}
          onKeyDown={(event) => {
            if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
            // The arrows move between tabs here, and not the active answer.
            event.stopPropagation();
            const step = event.key === "ArrowRight" ? 1 : TABS.length - 1;
            desk.tab.value = TABS[(TABS.indexOf(tab) + step) % TABS.length] ?? "score";
            document.getElementById(`tab-${desk.tab.value}`)?.focus();
          }}
        >
          {words.viewer.tabs[tab]}
        </button>
      ))}
    </div>
  );
}
