/** The panel at the right: navigator, facts of the slide and the list of slides. */

import { ShapesTab } from "../drawing/ShapesTab";
import { History } from "../scoring/History";
import { SheetPanel } from "../scoring/SheetPanel";
import { sheetWords } from "../scoring/words";
import { signInAddress } from "../ui/failure";
import { millimetres } from "../ui/format";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { words } from "../ui/words";
import { AdjustCard } from "./AdjustCard";
import type { Desk, PanelTab } from "./desk";
import { Facts } from "./Facts";
import { Navigator } from "./Navigator";
import { SlideList } from "./SlideList";
import { coreName } from "./tma/layout";
import { coreWords } from "./tma/words";

export function Panel({ desk }: { desk: Desk }) {
  const hasList = desk.isInStudy;
  const tab = hasList ? desk.tab.value : "slide";
  return (
    <aside class="panel" aria-label={words.viewer.panel} data-part>
      <Navigator desk={desk} />
      <div class="sheet">
        <CoreHead desk={desk} />
        <AdjustCard adjust={desk.adjust} />
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
      {desk.isSessionOver.value && <SessionOver waiting={desk.sheet.queue.waitingCount.value} />}
      <div class="toast-place" role="status">
        {desk.toast.value && <p class="toast">{desk.toast}</p>}
      </div>
    </aside>
  );
}

function TabBody({ desk, tab }: { desk: Desk; tab: PanelTab }) {
  if (tab === "score") {
    return <SheetPanel sheet={desk.sheet} reach={desk.reach.value} />;
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

function SessionOver({ waiting }: { waiting: number }) {
  return (
    <section class="notice" role="alert">
      <Icon name="warning" />
      <p>
        {words.failure.session} {sheetWords.keptUntilSignIn(waiting)}
      </p>
      <a class="button primary" href={signInAddress()}>
        {words.failure.signIn}
      </a>
    </section>
  );
}

/** The core that the sheet is about, and the way to its neighbours. */
function CoreHead({ desk }: { desk: Desk }) {
  const core = desk.tma.cores.current.value;
  const layout = desk.tma.cores.layout.value;
  if (!core || !layout) return null;
  const name = coreName(core);
  const size = layout.diameterUm === null ? "" : ` · ${millimetres(layout.diameterUm)} mm`;
  return (
    <header class="core-title" data-outside={desk.tma.isOutside.value}>
      <IconButton icon="back" name={coreWords.left} cap="⇧←" onClick={() => desk.run("coreLeft")} />
      <div>
        <h2>{desk.tma.isOutside.value ? coreWords.outside(name) : coreWords.title(name)}</h2>
        <p>
          {coreWords.place(core.row + 1, core.column + 1)}
          {size}
        </p>
      </div>
      <IconButton
        icon="forward"
        name={coreWords.right}
        cap="⇧→"
        onClick={() => desk.run("coreRight")}
      />
    </header>
  );
}

const TABS: readonly PanelTab[] = ["score", "shapes", "history", "slide", "list"];

function Tabs({ desk, chosen }: { desk: Desk; chosen: PanelTab }) {
  // Where none is looked at twice there is no way to pick a slide.
  const tabs = desk.isOneWay.value ? TABS.filter((tab) => tab !== "list") : TABS;
  return (
    <div class="tabs" role="tablist" aria-label={words.viewer.panel}>
      {tabs.map((tab) => (
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
            const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
            desk.tab.value = tabs[(tabs.indexOf(tab) + step) % tabs.length] ?? "score";
            document.getElementById(`tab-${desk.tab.value}`)?.focus();
          }}
        >
          {words.viewer.tabs[tab]}
        </button>
      ))}
    </div>
  );
}
