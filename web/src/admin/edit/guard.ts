/** Asks before a page is left on which something is not saved. */

import { useEffect } from "preact/hooks";

export function useLeaveGuard(hasUnsaved: () => boolean): void {
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      if (hasUnsaved()) event.preventDefault();
    };
    addEventListener("beforeunload", guard);
    return () => removeEventListener("beforeunload", guard);
  }, []);
}
