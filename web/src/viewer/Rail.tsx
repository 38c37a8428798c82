/** The tools at the left: what the keyboard does to the view, for mouse and finger. */

import { DrawTools } from "../drawing/DrawTools";
import { Icon, type IconName } from "../ui/Icon";
import { words } from "../ui/words";
import { adjustWords } from "./adjustwords";
import type { Desk } from "./desk";
import { paneWords } from "./panes/words";
import { coreWords } from "./tma/words";

interface Tool {
  icon: IconName;
  name: string;
  cap: string;
  run: () => void;
  pressed?: boolean;
}

export function Rail({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const above: Tool[] = [
    { icon: "plus", name: said.zoomIn, cap: "+", run: () => desk.run("zoomIn") },
    { icon: "minus", name: said.zoomOut, cap: "−", run: () => desk.run("zoomOut") },
    { icon: "fit", name: said.fitLong, cap: "Home", run: () => desk.run("fit") },
    { icon: "native", name: said.native, cap: "End", run: () => desk.run("native") },
  ];
  const turning: Tool[] = [
    { icon: "turnRight", name: said.rotateRight, cap: "U", run: () => desk.run("rotateRight") },
    { icon: "turnLeft", name: said.rotateLeft, cap: "⇧U", run: () => desk.run("rotateLeft") },
  ];
  const below: Tool[] = [
    {
      icon: "adjust",
      name: adjustWords.title,
      cap: "J",
      run: () => desk.run("adjust"),
      pressed: desk.adjust.isOpen.value,
    },
    {
      icon: "panel",
      name: said.panel,
      cap: "",
      run: () => desk.togglePanel(),
      pressed: desk.hasPanel.value,
    },
    { icon: "info", name: words.facts.title, cap: "I", run: () => desk.run("information") },
  ];
  if (desk.tma.isMicroarray.value) {
    below.unshift({
      icon: "slides",
      name: coreWords.toggle,
      cap: "G",
      run: () => desk.run("grid"),
      pressed: desk.tma.hasGrid.value,
    });
  }
  if (desk.reading.slides.value.length > 1 && !desk.isOneWay.value) {
    below.unshift({
      icon: "beside",
      name: paneWords.compare,
      cap: "C",
      run: () => desk.run("compare"),
      pressed: desk.companions.all.value.length > 0,
    });
  }
  if (desk.reading.slides.value.length > 1) {
    below.unshift({
      icon: "strip",
      name: said.strip,
      cap: "T",
      run: () => desk.run("strip"),
      pressed: desk.hasStrip.value,
    });
  }
  const isOff = !desk.canView.value;
  return (
    <nav class="rail" aria-label={said.tools} data-part>
      <DrawTools drawing={desk.drawing} isOff={isOff} />
      {above.map((tool) => (
        <ToolButton key={tool.name} tool={tool} isOff={isOff} isPinched />
      ))}
      <hr data-pinched />
      {turning.map((tool) => (
        <ToolButton key={tool.name} tool={tool} isOff={isOff} />
      ))}
      <span class="gap" />
      {below.map((tool) => (
        <ToolButton key={tool.name} tool={tool} />
      ))}
    </nav>
  );
}

interface ToolButtonProps {
  tool: Tool;
  isOff?: boolean;
  /** Fingers on a screen need no button for it. */
  isPinched?: boolean;
}

function ToolButton({ tool, isOff = false, isPinched = false }: ToolButtonProps) {
  const name = tool.cap ? `${tool.name} (${tool.cap})` : tool.name;
  return (
    <button
      type="button"
      class="tool"
      aria-label={tool.name}
      aria-pressed={tool.pressed}
      title={name}
      disabled={isOff}
      data-pinched={isPinched || undefined}
      data-cap={/[A-Z]$/.test(tool.cap) ? tool.cap : undefined}
      onClick={tool.run}
    >
      <Icon name={tool.icon} />
    </button>
  );
}
