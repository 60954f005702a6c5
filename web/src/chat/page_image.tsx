import { useState } from "preact/hooks";
import { t } from "../text";

export interface PageImageOf { document_id: string; document_name: string; passage_id: string; page: number }

/** The page of a PDF or a scan as it was printed, with the passage on a coloured ground. Nothing where it cannot be drawn: the text beside it says it all. */
export function PageImage({ of }: { of: PageImageOf }) {
  const address = `/api/v1/documents/${encodeURIComponent(of.document_id)}/pages/${of.page}/image?passage=${encodeURIComponent(of.passage_id)}`;
  const [gone, setGone] = useState("");
  const [shown, setShown] = useState("");
  if (of.page < 1 || !/\.(pdf|png|jpe?g|tiff?|bmp|gif|webp)$/i.test(of.document_name) || gone === address) return null;
  return (
    <figure class="page-image" hidden={shown !== address}>
      <figcaption class="note">{t.sources.pageImage(of.page)}</figcaption>
      <img src={address} alt={t.sources.pageImageSays(of.page)} onLoad={() => setShown(address)} onError={() => setGone(address)} />
    </figure>
  );
}
