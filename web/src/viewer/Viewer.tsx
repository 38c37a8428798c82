/** The viewer's page: slide in the middle, everything else beside it. */

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Glass } from "../drawing/Glass";
import { OptionsLine } from "../drawing/OptionsLine";
import { LayerPaper } from "../layers/LayerPaper";
import { words } from "../ui/words";
import { AdjustFilter } from "./AdjustCard";
import { Desk } from "./desk";
import { FailureCard } from "./FailureCard";
import { KeySheet } from "./KeySheet";
import { Panel } from "./Panel";
import { Rail } from "./Rail";
import { Status } from "./Status";
import { Strip } from "./Strip";
import { TopBar } from "./TopBar";
import { CoreColumn } from "./tma/CoreColumn";

export function Viewer() {
  const slide = useRef<HTMLDivElement>(null);
  const underlay = useRef<HTMLCanvasElement>(null);
  const desk = useSignal<Desk | null>(null);

  useEffect(() => {
    if (!slide.current || !underlay.current) return;
    const made = new Desk(slide.current, underlay.current);
    desk.value = made;
    void made.start();
    return () => made.leave();
  }, [desk]);

  useSignalEffect(() => {
    const reading = desk.value?.reading;
    const name = reading?.name.value ?? "";
    document.title = words.title(name || words.viewer.slideUnknown);
  });

  const at = desk.value;
  const reading = at?.reading;
  return (
    <div
      class="viewer"
      data-only={at?.isOnly.value}
      data-strip={at?.hasStrip.value}
      data-panel={at?.hasPanel.value}
      data-cores={at?.tma.showsGrid.value ?? false}
    >
      {at && <TopBar desk={at} />}
      {at?.adjust.isAdjusted.value && <AdjustFilter adjust={at.adjust} />}
      {at && <Rail desk={at} />}
      {at && <CoreColumn desk={at} />}
      <main class="stage" aria-busy={reading?.phase.value === "opening"}>
        <div
          class="picture"
          data-slow={reading?.isSlow.value}
          data-adjusted={at?.adjust.isAdjusted.value}
        >
          <canvas class="underlay" ref={underlay} />
          <div id="openseadragon" class="slide" ref={slide} />
          {at && <LayerPaper desk={at} />}
          {at && <Glass desk={at} />}
        </div>
        {at && <OptionsLine drawing={at.drawing} view={at.view} />}
        {at && <FailureCard desk={at} />}
      </main>
      {at && <Status desk={at} />}
      {at && <Strip desk={at} />}
      {at && <Panel desk={at} />}
      {at?.isHelpOpen.value && <KeySheet onClose={() => at.closeHelp()} />}
    </div>
  );
}
