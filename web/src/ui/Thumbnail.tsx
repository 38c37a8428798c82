/** A picture of a whole slide, asked for once it comes into sight. */

import { useEffect, useRef, useState } from "preact/hooks";

/** `address` is asked when the place is in sight; a picture that fails leaves the place empty. */
export function Thumbnail({
  of,
  address,
}: {
  of: number;
  address: (of: number) => Promise<string>;
}) {
  const place = useRef<HTMLSpanElement>(null);
  const [source, setSource] = useState<string | null>(null);

  useEffect(() => {
    setSource(null);
    const element = place.current;
    if (!element) return;
    let isWanted = true;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watcher.disconnect();
        address(of).then(
          (found) => isWanted && setSource(found),
          () => undefined,
        );
      },
      { rootMargin: "200px" },
    );
    watcher.observe(element);
    return () => {
      isWanted = false;
      watcher.disconnect();
    };
  }, [of]);

  return (
    <span class="thumb" ref={place}>
      {source && <img src={source} alt="" draggable={false} decoding="async" />}
    </span>
  );
}
