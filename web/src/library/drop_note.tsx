import { t } from "../text";
import { Banner } from "../ui/parts";
import { mostDropped, type Dropped } from "./dropped";

/** What of a drop was left out, and why; nothing where all of it was taken. */
export function DropNote({ dropped }: { dropped: Dropped | null }) {
  if (!dropped) return null;
  const said = [
    dropped.skipped.length > 0 ? t.documents.skipped(dropped.skipped) : "",
    dropped.unread.length > 0 ? t.documents.unreadFiles(dropped.unread) : "",
    dropped.more ? t.documents.tooMany(mostDropped) : "",
    dropped.files.length === 0 && dropped.skipped.length + dropped.unread.length === 0 ? t.documents.nothingDropped : "",
  ].filter(Boolean);
  if (said.length === 0) return null;
  return <Banner small kind={dropped.unread.length > 0 || dropped.more ? "warn" : undefined} title={said.join(" ")} />;
}
