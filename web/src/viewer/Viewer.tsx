/** The viewer's page: slide in the middle, everything else beside it. */

import { useSignal, useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
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
import { PairingMarks } from "./panes/PairingParts";
import { Cross, isClick, MainHead, Panes } from "./panes/Panes";
import { Rail } from "./Rail";
import { Status } from "./Status";
import { Strip } from "./Strip";
import { ShareDialog } from "./share/ShareDialog";
import { ShotDialog } from "./shot/ShotDialog";
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
        <Stage desk={at} slide={slide} underlay={underlay} />
      </main>
      {at && <Status desk={at} />}
      {at && <Strip desk={at} />}
      {at && <Panel desk={at} />}
      {at && <Dialogs desk={at} />}
      {at?.isHelpOpen.value && <KeySheet onClose={() => at.closeHelp()} />}
    </div>
  );
}

interface StageProps {
  desk: Desk | null;
  slide: RefObject<HTMLDivElement | null>;
  underlay: RefObject<HTMLCanvasElement | null>;
}

/** The scored slide, and others beside it. */
function Stage({ desk, slide, underlay }: StageProps) {
  const count = 1 + (desk?.companions.all.value.length ?? 0);
  const columns = count > 4 ? Math.ceil(count / 2) : count === 4 ? 2 : count;
  const pressed = useRef({ x: 0, y: 0 });
  const lead = (event: MouseEvent) => {
    pressed.current = { x: event.clientX, y: event.clientY };
    desk?.companions.lead(desk.view);
  };
  const release = ({ clientX, clientY }: MouseEvent) => {
    const { x, y } = pressed.current;
    if (isClick(clientX - x, clientY - y)) desk?.companions.pairing.click(desk.view);
  };
  return (
    <div class="panes" data-many={count > 1} style={{ "--columns": columns }}>
      <div class="pane" style={{ order: desk?.batch.placeOf(desk.tma.cores.current.value) ?? 0 }}>
        {desk && <MainHead desk={desk} />}
        <div
          class="picture"
          data-slow={desk?.reading.isSlow.value}
          data-adjusted={desk?.adjust.isAdjusted.value}
          data-matching={desk?.companions.pairing.now.value != null}
          onPointerDownCapture={lead}
          onPointerUpCapture={release}
          onWheelCapture={lead}
        >
          <canvas class="underlay" ref={underlay} />
          <div id="openseadragon" class="slide" ref={slide} />
          {desk && <LayerPaper desk={desk} />}
          {desk && <Glass desk={desk} />}
          {desk && count > 1 && <Cross desk={desk} view={desk.view} placing={null} />}
          {desk && <PairingMarks desk={desk} view={desk.view} />}
        </div>
        {desk && <OptionsLine drawing={desk.drawing} view={desk.view} />}
        {desk && <FailureCard desk={desk} />}
      </div>
      {desk && <Panes desk={desk} />}
    </div>
  );
}

function Dialogs({ desk }: { desk: Desk }) {
  const close = () => {
    desk.dialog.value = null;
  };
  if (desk.dialog.value === "picture") return <ShotDialog desk={desk} onClose={close} />;
  return desk.dialog.value === "guest" ? <ShareDialog desk={desk} onClose={close} /> : null;
}
