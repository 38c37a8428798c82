/** The viewer's top bar: where we are, and the way to the neighbours. */

import { root } from "../api/http";
import { SaveState } from "../scoring/SaveState";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { words } from "../ui/words";
import type { Desk } from "./desk";
import { shareWords } from "./share/words";
import { shotWords } from "./shot/words";
import { coreName } from "./tma/layout";
import { coreWords } from "./tma/words";

const MOST_LETTERS = 28;

export function TopBar({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const { reading } = desk;
  const count = reading.slides.value.length;
  // The longest name of the study keeps its place, so that the buttons after it stay put.
  const longest = Math.max(0, ...reading.slides.value.map((slide) => slide.name.length));
  const position = reading.position.value;
  const core = desk.tma.cores.current.value;
  const isOneWay = desk.isOneWay.value;
  return (
    <header class="top" data-part>
      {desk.isInStudy && (
        <a
          class="button quiet square back"
          href={`${root}/`}
          aria-label={said.back}
          title={said.back}
        >
          <Icon name="back" />
        </a>
      )}
      <h1 class="where">
        {reading.studyLabel.value && (
          <span class="study">
            <span class="clip">{reading.studyLabel}</span>
            <span class="slash">/</span>
          </span>
        )}
        <span class="clip name" style={{ "--letters": Math.min(longest, MOST_LETTERS) }}>
          {reading.name.value || said.slideUnknown}
        </span>
        {core && <span class="core-name">{coreWords.inTitle(coreName(core))}</span>}
      </h1>
      {count > 1 && (
        <span class="steps">
          <span class="count">{said.of(position + 1, count)}</span>
          <IconButton
            icon="back"
            name={said.previous}
            cap=","
            disabled={position === 0 || isOneWay}
            onClick={() => desk.run("previousSlide")}
          />
          <IconButton
            icon="forward"
            name={said.next}
            cap="."
            disabled={position === count - 1 || isOneWay}
            onClick={() => desk.run("nextSlide")}
          />
          {desk.sheet.canAnswer.value && (
            <button type="button" class="button next" onClick={() => desk.run("nextUnscored")}>
              {words.scoring.nextUnscoredShort} <kbd>N</kbd>
            </button>
          )}
        </span>
      )}
      {reading.isSlow.value && <span class="opening">{said.opening}</span>}
      {desk.sheet.canAnswer.value && <SaveState queue={desk.sheet.queue} />}
      {desk.sheet.rights.value?.recordsSessions && (
        <span class="recording" title={said.recordingNote}>
          {said.recording}
        </span>
      )}
      <span class="acts">
        <IconButton
          icon="link"
          name={said.copyLink}
          cap="⇧L"
          disabled={!desk.canView.value}
          onClick={() => desk.run("copyLink")}
        />
        {desk.sheet.rights.value?.sharesSlides && (
          <IconButton
            icon="people"
            name={shareWords.open}
            disabled={!desk.canView.value}
            onClick={() => {
              desk.dialog.value = "guest";
            }}
          />
        )}
        <IconButton
          icon="camera"
          name={shotWords.open}
          disabled={!desk.canView.value}
          onClick={() => {
            desk.dialog.value = "picture";
          }}
        />
        {document.fullscreenEnabled && (
          <IconButton
            icon="full"
            name={said.fullScreen}
            cap="⇧F"
            pressed={desk.isFull.value}
            onClick={() => desk.run("fullScreen")}
          />
        )}
        <IconButton icon="keyboard" name={said.keyboard} cap="?" onClick={() => desk.run("help")} />
      </span>
    </header>
  );
}
