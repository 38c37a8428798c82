/** What was last said about a deed: it goes by itself, unless it is bad news. */

import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../../ui/Icon";
import { IconButton } from "../../ui/IconButton";
import { words } from "./words";

export interface Notice {
  text: string;
  isBad: boolean;
}

const SHOWN_MS = 6000;

export function Said({ notice }: { notice: Signal<Notice | null> }) {
  const now = notice.value;
  const close = () => {
    notice.value = null;
  };
  useEffect(() => {
    if (!now || now.isBad) return;
    const timer = setTimeout(close, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div class="toast-place" role={now?.isBad ? "alert" : "status"}>
      {now && (
        <p class="toast" data-bad={now.isBad}>
          <Icon name={now.isBad ? "warning" : "check"} />
          <span>{now.text}</span>
          <IconButton icon="close" name={words.dismiss} onClick={close} />
        </p>
      )}
    </div>
  );
}
