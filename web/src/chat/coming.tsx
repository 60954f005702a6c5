import { useEffect, useRef } from "preact/hooks";
import { t } from "../text";
import { loadAround } from "./store";

/** The place of a turn whose words come when somebody comes near it. */
export function Coming({ id }: { id: string }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const near = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) void loadAround(id); }, { rootMargin: "600px" });
    near.observe(place.current);
    return () => near.disconnect();
  }, [id]);
  return <p class="turn turn--coming note" id={`t-${id}`} ref={place}>{t.loading}</p>;
}
